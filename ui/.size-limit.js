import { readFileSync } from 'node:fs';

/** Files a browser needs before a page stands: the entry, the page, the Chinese words, and what they import. */
function filesOf(...pages) {
  const manifest = JSON.parse(readFileSync(new URL('./dist/.vite/manifest.json', import.meta.url)));
  const seen = new Set();
  const follow = (key) => {
    const chunk = manifest[key];
    if (!chunk || seen.has(chunk.file)) return;
    seen.add(chunk.file);
    chunk.css?.forEach((file) => seen.add(file));
    chunk.imports?.forEach(follow);
  };
  ['index.html', 'src/text/zh.ts', 'node_modules/antd/locale/zh_CN.js', ...pages].forEach(follow);
  return [...seen].map((file) => `dist/${file}`);
}

const page = (name, ...files) => ({ name, path: filesOf(...files), limit: '300 kB', gzip: true });

export default [
  page('log-in', 'src/pages/login/Login.tsx'),
  page('today', 'src/frame/Frame.tsx', 'src/pages/home/Home.tsx'),
];
