// What a visitor does on the company's own site, told to the company's own server, and nobody else.
// <script src="https://crm.example.cn/t.js" defer></script>, with data-consent="required" when
// nothing may be told before guantong('consent', 'granted'); data-domain="example.cn" when hosts of
// one name are one site.
(function () {
  'use strict';
  if (window.guantong && window.guantong.runs) return;
  const script = document.currentScript;
  const waiting = (window.guantong && window.guantong.q) || [];
  const declines = navigator.doNotTrack === '1' || navigator.globalPrivacyControl === true;
  const endpoint = new URL('/t', script.src).href;
  const required = script.dataset.consent === 'required';
  const HALF_HOUR = 1800000;
  const CAMPAIGN = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'gclid',
    'bd_vid', 'qz_gdt', 'clickid', 'ttclid', 'fbclid', 'msclkid'];
  const FILES = /\.(pdf|zip|rar|docx?|xlsx?|pptx?|mp4|dwg|step)$/i;

  // Storage may be forbidden; then a visitor lasts as long as the page.
  const memory = {};
  function load(key) {
    if (key in memory) return memory[key];
    try {
      return localStorage.getItem(key);
    } catch (e) {
      return null;
    }
  }
  function keep(key, value) {
    try {
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, value);
      delete memory[key];
    } catch (e) {
      memory[key] = value;
    }
  }

  function random(bytes) {
    const all = crypto.getRandomValues(new Uint8Array(bytes));
    return btoa(String.fromCharCode(...all)).replace(/\+/g, '-').replace(/\//g, '_')
      .replace(/=/g, '');
  }

  // Asked anew each time: it may be said in another tab.
  const consent = () => load('gt_consent') || 'unknown';
  const may = () => !declines && consent() !== 'denied' && (!required || consent() === 'granted');

  // In a cookie too, for a site of several hosts of one name, for browsers that empty the one, and
  // for the site's server, which may say who it is.
  const domain = script.dataset.domain ? ';domain=' + script.dataset.domain : '';
  function cookie(value, seconds) {
    document.cookie = 'gt_visitor=' + value + ';path=/;max-age=' + seconds + ';SameSite=Lax' +
      domain + (location.protocol === 'https:' ? ';Secure' : '');
  }
  function visitor() {
    const found = /(?:^|; )gt_visitor=([\w-]{22})(?:;|$)/.exec(document.cookie);
    let id = load('gt_visitor') || (found && found[1]);
    if (!/^[\w-]{22}$/.test(id || '')) id = random(16);
    keep('gt_visitor', id);
    cookie(id, 31536000);
    return id;
  }
  function forget() {
    ['gt_visitor', 'gt_session'].forEach((key) => keep(key, null));
    cookie('', 0);
    document.querySelectorAll('form[data-guantong] input[name=visitor]').forEach((i) => i.remove());
  }

  // Links of advertisements come cut off anywhere, and in the encoding of whoever wrote them.
  function decoded(text) {
    const plain = text.replace(/\+/g, ' ').replace(/%([0-9a-f]{2})/gi,
      (whole, hex) => String.fromCharCode(parseInt(hex, 16)));
    const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
    let read = '';
    try {
      read = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    } catch (e) {
      read = '';
    }
    return read || new TextDecoder('gb18030').decode(bytes);
  }
  function campaign() {
    const found = {};
    location.search.slice(1).split('&').forEach((pair) => {
      const cut = pair.indexOf('=');
      const id = pair.slice(0, cut).toLowerCase();
      const value = cut > 0 && CAMPAIGN.includes(id) && !found[id] && decoded(pair.slice(cut + 1));
      if (value) found[id] = value.slice(0, 120);
    });
    return Object.keys(found).length ? found : null;
  }
  // Half an hour without a sign of life in any tab, or another campaign, begins a session. A page
  // that was in view till now was one.
  function touch(seen) {
    const now = Date.now();
    let session = null;
    try {
      session = JSON.parse(load('gt_session'));
    } catch (e) {
      session = null;
    }
    const came = page === null && campaign();
    const other = came && session && JSON.stringify(came) !== JSON.stringify(session.utm);
    if (!session || !session.id || (!seen && now - session.at > HALF_HOUR) || other) {
      session = { id: random(9), utm: came || null };
    }
    session.at = now;
    keep('gt_session', JSON.stringify(session));
    return session;
  }

  // A mail's link says which mail it was of; said once, and not left in the address.
  let mail = null;
  function arrive() {
    const url = new URL(location.href);
    mail = url.searchParams.get('gt_c');
    if (!mail) return;
    url.searchParams.delete('gt_c');
    history.replaceState(history.state, '', url);
  }

  let queue = [];
  let timer = 0;
  let proof = null; // what the site's server signed of who is logged in
  let page = null; // the path that was told last
  const screen = Math.min(window.screen.width, window.screen.height);
  const device = !('ontouchstart' in window) ? 'desktop' : screen < 600 ? 'phone' : 'tablet';
  function flush() {
    clearTimeout(timer);
    timer = 0;
    if (!(queue.length || proof) || !may()) return;
    const now = Date.now();
    const batch = queue.splice(0, 20);
    const body = JSON.stringify({
      v: visitor(), s: touch().id, b: random(6), c: consent(),
      d: { language: navigator.language, device }, m: mail || undefined, i: proof || undefined,
      e: batch.map(([at, event]) => Object.assign({ at: Math.max(0, now - at) }, event)),
    });
    mail = proof = null;
    if (!navigator.sendBeacon || !navigator.sendBeacon(endpoint, body)) {
      fetch(endpoint, { method: 'POST', body, keepalive: true, credentials: 'omit' })
        .catch(() => {});
    }
    flush();
  }
  function tell(t, more) {
    if (!may()) return;
    touch();
    queue.push([Date.now(), Object.assign({ t, u: location.pathname }, more)]);
    if (queue.length >= 20) flush();
    else timer = timer || setTimeout(flush, 3000);
  }

  // A page counts while it can be seen.
  let since = 0;
  function seen() {
    return document.visibilityState === 'visible' ? Date.now() : 0;
  }
  function leave() {
    if (page === null || !since) return;
    if (may()) touch(true);
    tell('page.left', { u: page, dw: Date.now() - since });
    since = 0;
  }
  function view() {
    if (location.pathname === page) return;
    leave();
    const referrer = page === null && document.referrer && new URL(document.referrer).host;
    const told = { ti: document.title.slice(0, 120) };
    if (referrer && referrer !== location.host) told.r = referrer;
    const utm = may() && touch().utm;
    if (utm) told.utm = utm;
    page = location.pathname;
    since = seen();
    tell('page.viewed', told);
  }
  // The title of a page of an application follows its address.
  const later = () => setTimeout(view, 50);
  ['pushState', 'replaceState'].forEach((name) => {
    const original = history[name];
    history[name] = function () {
      const result = original.apply(this, arguments);
      later();
      return result;
    };
  });
  addEventListener('popstate', later);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') {
      leave();
      flush();
    } else {
      since = Date.now();
    }
  });
  addEventListener('pagehide', () => {
    leave();
    flush();
  });
  // Back to a page the browser kept as it was: it is looked at again.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    page = '';
    view();
  });

  document.addEventListener('click', (event) => {
    const link = event.target.closest && event.target.closest('a[href]');
    if (!link || !/^https?:$/.test(link.protocol)) return;
    const away = link.host !== location.host;
    if (away || FILES.test(link.pathname)) {
      const where = away ? { host: link.host } : { file: link.pathname.slice(0, 100) };
      tell('link.clicked', { p: where });
    }
  }, true);

  // Forms that say so tell whose browser it was, and nothing of what was written in them.
  const begun = new WeakSet();
  function mark(form) {
    if (!may() || form.querySelector('input[name=visitor]')) return;
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = 'visitor';
    field.value = visitor();
    form.append(field);
  }
  const forms = () => document.querySelectorAll('form[data-guantong]').forEach(mark);
  document.addEventListener('focusin', (event) => {
    const form = event.target.form;
    if (!form || begun.has(form) || !('guantong' in form.dataset)) return;
    begun.add(form);
    mark(form);
    // Not form.name: a field of that name stands in its place.
    verbs.started(form.getAttribute('id') || form.getAttribute('name') || 'form');
  });
  document.addEventListener('submit', (event) => {
    if (event.target.dataset && 'guantong' in event.target.dataset) mark(event.target);
    flush();
  }, true);

  const asking = [];
  function answer() {
    asking.forEach((use) => use(may() ? visitor() : ''));
  }
  const verbs = {
    consent(value) {
      if (value !== 'granted' && value !== 'denied') return;
      if (value === 'denied' && may() && load('gt_visitor')) {
        const body = JSON.stringify({ v: visitor(), s: touch().id, c: value, e: [] });
        if (navigator.sendBeacon) navigator.sendBeacon(endpoint, body);
      }
      const told = may();
      keep('gt_consent', value);
      if (value === 'denied') {
        queue = [];
        forget();
      } else {
        if (!told) page = null;
        view();
        forms();
      }
      answer();
    },
    event(name, properties) {
      if (/^[a-z][a-z0-9_]{0,39}$/.test(name)) tell(name, { p: properties });
      else console.warn('guantong: a name of an event has small letters, digits and _:', name);
    },
    started(form) {
      tell('form.started', { p: { form: String(form).slice(0, 60) } });
    },
    // A token of the site's server, by which nobody can say he is another.
    identify(token) {
      proof = String(token);
      flush();
    },
    // Whoever is here next is not known to be the same.
    logout() {
      leave();
      flush();
      forget();
      page = null;
      view();
      forms();
      answer();
    },
    // Now, and again when it becomes another or may no longer be said.
    visitor(use) {
      if (!use) return;
      asking.push(use);
      if (may()) use(visitor());
    },
  };
  window.guantong = function (verb) {
    if (verbs[verb]) verbs[verb].apply(null, [].slice.call(arguments, 1));
  };
  window.guantong.runs = true;
  arrive();
  view();
  forms();
  waiting.forEach((call) => window.guantong.apply(null, call));
})();
