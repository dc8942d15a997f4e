import { afterEach } from 'vitest';
import { cleanup, configure } from '@testing-library/react';

/** What is awaited may take its time on a busy machine; a test that fails waits that long, none other does. */
configure({ asyncUtilTimeout: 15_000 });

afterEach(cleanup);
