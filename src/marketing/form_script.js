// Two things with one name: on a form's page, questions come and go as their conditions say; on a
// page of the company's site, <script src="https://crm.example.cn/f.js" data-form="trial"></script>
// puts the form there, in a frame as high as it needs to be.
(function () {
  'use strict';
  const me = document.currentScript;
  const slug = me && me.dataset.form;

  function embed() {
    const base = new URL(me.src);
    const address = new URL('/f/' + encodeURIComponent(slug), base);
    const frame = document.createElement('iframe');
    // As they stand in the address: the server reads them, whatever their encoding.
    const came = location.search.slice(1).split('&').map((pair) => pair.slice(0, 600))
      .filter((pair) => /^(utm_\w+|gclid|bd_vid|qz_gdt|clickid|ttclid|fbclid|msclkid)=/i.test(pair));
    address.searchParams.set('in', me.dataset.theme || 'light');
    address.searchParams.set('page', location.pathname.slice(0, 300));
    if (document.referrer) address.searchParams.set('from', new URL(document.referrer).host);
    if (me.dataset.lang) address.searchParams.set('lang', me.dataset.lang);
    frame.title = me.dataset.title || 'Form';
    frame.style.cssText = 'width:100%;border:0;min-height:320px';
    me.after(frame);
    // The tracking script may come later than this one, and leave to be known later than the form.
    let visitor = null;
    const open = () => {
      if (visitor) address.searchParams.set('visitor', visitor);
      frame.src = [address.href].concat(came).join('&');
    };
    const pass = () => {
      if (visitor === null) return;
      frame.contentWindow.postMessage({ guantong: 'visitor', visitor }, base.origin);
    };
    const wait = setTimeout(open, 300);
    frame.addEventListener('load', () => frame.src && pass());
    window.guantong = window.guantong || function () {
      (window.guantong.q = window.guantong.q || []).push(arguments);
    };
    window.guantong('visitor', (id) => {
      visitor = id;
      clearTimeout(wait);
      if (frame.src) pass();
      else open();
    });
    addEventListener('message', (event) => {
      if (event.source !== frame.contentWindow || event.origin !== base.origin) return;
      const told = event.data || {};
      if (told.guantong === 'height') {
        frame.style.height = Math.min(told.height, 20000) + 'px';
        frame.style.minHeight = 0;
      }
      if (told.guantong === 'started') window.guantong('started', slug);
      if (told.guantong === 'sent') {
        frame.dispatchEvent(new CustomEvent('guantong:sent', { bubbles: true }));
        frame.scrollIntoView({ block: 'nearest' });
        if (/^https?:\/\//.test(told.to || '')) location.href = told.to;
      }
    });
  }

  function values(form) {
    const found = {};
    Array.prototype.forEach.call(form.elements, (element) => {
      const name = (element.name || '').split('.')[0];
      if (!name || element.disabled) return;
      if (/^(checkbox|radio)$/.test(element.type) && !element.checked) return;
      found[name] = found[name] ? found[name] + '\n' + element.value : element.value;
    });
    return found;
  }
  // The conditions of questions; the server asks them again, in its own way.
  const compare = (a, b) => (isNaN(a) || isNaN(b) ? (a > b) - (a < b) : a - b);
  function leaf(rule, given) {
    const value = given[rule.field] || '';
    const list = [].concat(rule.value).map(String);
    const low = (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    if (rule.op === 'is_empty') return !value;
    if (!value) return false;
    switch (rule.op) {
      case 'not_empty': return true;
      case 'eq': return list.some((item) => value === item || compare(value, item) === 0);
      case 'in': return list.indexOf(value) >= 0;
      case 'ne': return value !== list[0];
      case 'not_in': return list.indexOf(value) < 0;
      case 'contains': return low(value).indexOf(low(list[0])) >= 0;
      case 'starts_with': return low(value).indexOf(low(list[0])) === 0;
      case 'lt': return compare(value, list[0]) < 0;
      case 'lte': return compare(value, list[0]) <= 0;
      case 'gt': return compare(value, list[0]) > 0;
      case 'gte': return compare(value, list[0]) >= 0;
      case 'between': return compare(value, list[0]) >= 0 && compare(value, list[1]) <= 0;
      default: return true;
    }
  }
  function holds(rule, given) {
    if (rule.all) return rule.all.every((part) => holds(part, given));
    if (rule.any) return rule.any.some((part) => holds(part, given));
    if (rule.not) return !holds(rule.not, given);
    return leaf(rule, given);
  }

  function height() {
    const main = document.querySelector('main');
    if (parent !== window && main) {
      parent.postMessage({ guantong: 'height', height: main.getBoundingClientRect().height }, '*');
    }
  }
  /* Whose browser it is, as the page says that frames this one. */
  function known(form, visitor) {
    const field = form.elements.visitor || document.createElement('input');
    field.type = 'hidden';
    field.name = 'visitor';
    field.value = visitor;
    form.append(field);
  }

  function page() {
    const form = document.querySelector('form[data-guantong]');
    const done = document.querySelector('[role=status]');
    const errors = document.querySelector('.errors');
    if (done && parent !== window) {
      parent.postMessage({ guantong: 'sent', to: done.dataset.to || '' }, '*');
    } else if (done && done.dataset.to) {
      location.href = done.dataset.to;
    }
    if (errors) errors.focus();
    const rules = document.querySelectorAll('[data-if]');
    const settle = () => {
      rules.forEach((question) => {
        const shown = holds(JSON.parse(question.dataset.if), values(form));
        question.hidden = !shown;
        question.querySelectorAll('input,select,textarea').forEach((element) => {
          element.disabled = !shown;
        });
      });
      height();
    };
    if (form) {
      if (parent !== window) {
        form.addEventListener('focusin', () => parent.postMessage({ guantong: 'started' }, '*'),
          { once: true });
        addEventListener('message', (event) => {
          const told = event.source === parent && event.data;
          if (told && told.guantong === 'visitor') known(form, String(told.visitor));
        });
      }
      form.addEventListener('input', settle);
      form.addEventListener('submit', (event) => {
        if (form.dataset.sent) event.preventDefault();
        form.dataset.sent = 'yes';
      });
      addEventListener('pageshow', () => delete form.dataset.sent);
      settle();
    }
    height();
    if (window.ResizeObserver) new ResizeObserver(height).observe(document.body);
  }

  if (slug) embed();
  else page();
})();
