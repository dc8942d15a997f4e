import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Application } from './app/Application';
import { startLanguage } from './app/preferences';
import { startTexts } from './text/i18n';
import './app.css';

async function start(): Promise<void> {
  await startTexts(startLanguage());
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<StrictMode><Application /></StrictMode>);
}

void start();
