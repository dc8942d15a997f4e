// What WeChat does to the server of an Official Account, and how its interface answers, by
// developers.weixin.qq.com (「接入指南」, 「消息加解密说明」, 「获取稳定版接口调用凭据」, 「客服消息」).
//
// pusher() checks an address and posts messages signed (and, with a key, encrypted) as WeChat's are,
// three tries when nothing comes in five seconds; it verifies and opens the answer. platform()
// serves stable_token and message/custom/send with their limits and error codes: HTTP 200 and errcode.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const block = 32;
const sign = (...texts) => createHash('sha1').update(texts.map((text) => Buffer.from(text)).sort(Buffer.compare).join('')).digest('hex');
const tagOf = (xml, name) => new RegExp(`<${name}>(?:<!\\[CDATA\\[)?([\\s\\S]*?)(?:\\]\\]>)?</${name}>`).exec(xml)?.[1] ?? '';

/** The two directions of the safe mode. */
export function sealing({ aesKey, appId }) {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const vector = key.subarray(0, 16);
  return {
    seal(text) {
      const body = Buffer.from(text);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(body.length);
      const plain = Buffer.concat([randomBytes(16), length, body, Buffer.from(appId)]);
      const pad = block - (plain.length % block);
      const cipher = createCipheriv('aes-256-cbc', key, vector).setAutoPadding(false);
      return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString('base64');
    },
    open(base64) {
      const cipher = createDecipheriv('aes-256-cbc', key, vector).setAutoPadding(false);
      const padded = Buffer.concat([cipher.update(Buffer.from(base64, 'base64')), cipher.final()]);
      const plain = padded.subarray(0, padded.length - padded[padded.length - 1]);
      const end = 20 + plain.readUInt32BE(16);
      if (plain.subarray(end).toString() !== appId) throw new Error('encrypted for another account');
      return plain.subarray(20, end).toString();
    },
  };
}

/** An account whose server is at url; with aesKey in the safe mode. */
export function pusher({ url, token, appId, aesKey }) {
  const box = aesKey && sealing({ aesKey, appId });
  const stamp = () => ({ timestamp: String(Math.floor(Date.now() / 1000)), nonce: randomBytes(6).toString('hex') });
  const query = (more) => `${url}?${new URLSearchParams(more)}`;
  let message = 0;

  async function post(xml) {
    const { timestamp, nonce } = stamp();
    const encrypt = box?.seal(xml);
    const address = query({ signature: sign(token, timestamp, nonce), timestamp, nonce, ...(box ? { encrypt_type: 'aes', msg_signature: sign(token, timestamp, nonce, encrypt) } : {}) });
    const body = box ? `<xml><ToUserName><![CDATA[gh_emulated]]></ToUserName><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>` : xml;
    for (let tries = 3; ; tries -= 1) {
      try {
        const answer = await fetch(address, { method: 'POST', headers: { 'content-type': 'text/xml' }, body, signal: AbortSignal.timeout(5000) });
        return { status: answer.status, text: await answer.text() };
      } catch (error) {
        if (tries === 1) throw error;
      }
    }
  }
  // What the follower would see: the text of the answer, '' for "success", null when it was refused.
  async function send(openid, type, inner) {
    message += 1;
    const xml = `<xml><ToUserName><![CDATA[gh_emulated]]></ToUserName><FromUserName><![CDATA[${openid}]]></FromUserName><CreateTime>${stamp().timestamp}</CreateTime><MsgType><![CDATA[${type}]]></MsgType>${inner(message)}</xml>`;
    const { status, text } = await post(xml);
    if (status !== 200) return null;
    if (text === '' || text === 'success') return '';
    if (!box) return tagOf(text, 'Content');
    const encrypt = tagOf(text, 'Encrypt');
    const signature = sign(token, tagOf(text, 'TimeStamp'), tagOf(text, 'Nonce'), encrypt);
    if (signature !== tagOf(text, 'MsgSignature')) throw new Error('the answer is not signed');
    return tagOf(box.open(encrypt), 'Content');
  }
  return {
    async check() {
      const { timestamp, nonce } = stamp();
      const echostr = randomBytes(8).toString('hex');
      const answer = await fetch(query({ signature: sign(token, timestamp, nonce), timestamp, nonce, echostr }));
      return answer.status === 200 && (await answer.text()) === echostr;
    },
    follow: (openid, scene = '') => send(openid, 'event', () => `<Event><![CDATA[subscribe]]></Event><EventKey><![CDATA[${scene && `qrscene_${scene}`}]]></EventKey>`),
    unfollow: (openid) => send(openid, 'event', () => '<Event><![CDATA[unsubscribe]]></Event><EventKey></EventKey>'),
    scan: (openid, scene) => send(openid, 'event', () => `<Event><![CDATA[SCAN]]></Event><EventKey><![CDATA[${scene}]]></EventKey>`),
    click: (openid, key) => send(openid, 'event', () => `<Event><![CDATA[CLICK]]></Event><EventKey><![CDATA[${key}]]></EventKey>`),
    write: (openid, words) => send(openid, 'text', (id) => `<Content><![CDATA[${words}]]></Content><MsgId>${id}${Date.now()}</MsgId>`),
  };
}

/** The interface of the platform for one account: tokens and customer-service messages. */
export async function platform({ appId, secret, perWindow = 5, windowMs = 48 * 3600 * 1000, now = Date.now }) {
  const heard = new Map(); // openid: when the follower last wrote, and how many answers went since
  const sent = [];
  let token = { value: '', until: 0 };
  const fail = (errcode, errmsg) => ({ errcode, errmsg });
  const routes = {
    '/cgi-bin/stable_token': (_, body) => {
      if (body.appid !== appId) return fail(40013, 'invalid appid');
      if (body.secret !== secret) return fail(40001, 'invalid credential');
      if (body.force_refresh || token.until - now() < 300000) token = { value: randomBytes(24).toString('hex'), until: now() + 7200000 };
      return { access_token: token.value, expires_in: Math.floor((token.until - now()) / 1000) };
    },
    '/cgi-bin/message/custom/send': (query, body) => {
      const given = query.get('access_token');
      if (!given) return fail(41001, 'access_token missing');
      if (given !== token.value) return fail(40014, 'invalid access_token');
      if (now() >= token.until) return fail(42001, 'access_token expired');
      const follower = heard.get(body.touser);
      if (!follower) return fail(43004, 'require subscribe');
      if (now() - follower.at > windowMs) return fail(45015, 'response out of time limit');
      if (follower.answers >= perWindow) return fail(45047, 'out of response count limit');
      follower.answers += 1;
      sent.push(body);
      return fail(0, 'ok');
    },
  };
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => {
      const url = new URL(request.url, 'http://emulated');
      let answer = fail(48001, 'api unauthorized');
      try {
        answer = routes[url.pathname]?.(url.searchParams, text ? JSON.parse(text) : {}) ?? answer;
      } catch {
        answer = fail(47001, 'data format error');
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  await new Promise((listening) => { server.listen(0, '127.0.0.1', listening); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    sent,
    heard: (openid) => heard.set(openid, { at: now(), answers: 0 }),
    close: () => { server.closeAllConnections(); server.close(); },
  };
}
