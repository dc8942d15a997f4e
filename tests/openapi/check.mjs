// See run. Every document that a case asked for is linted; the widest one (an administrator's, with
// fields and record types of the company) describes what all answers are held against.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(`${process.cwd()}/package.json`);
const { createConfig, lintFromString } = await import(require.resolve('@redocly/openapi-core'));
const { Validator } = await import(require.resolve('@seriousme/openapi-schema-validator'));
const Ajv = require('ajv/dist/2020').default;

const lines = (path) => readFileSync(path, 'utf8').split('\n').filter(Boolean).map((l) => JSON.parse(l));
const [routesPath, answersPath] = process.argv.slice(2);
const routes = lines(routesPath);
const answers = lines(answersPath);
let planned = 0;

function result(name, findings) {
  planned++;
  console.log(`${findings.length ? 'not ok' : 'ok'} ${planned} - ${name}`);
  [...new Set(findings)].slice(0, 40).forEach((finding) => console.log(`# ${finding}`));
}

// Rules of the linter besides its recommended ones; two are about taste for a public web site.
const config = await createConfig({
  extends: ['recommended-strict'],
  rules: { 'info-license': 'off', 'no-ambiguous-paths': 'off' },
});

async function lint(document) {
  const official = await new Validator().validate(structuredClone(document));
  const errors = official.valid ? [] : [].concat(official.errors).map((e) => `standard: ${e.instancePath ?? ''} ${e.message ?? e}`);
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  return errors.concat(problems.map((p) => `${p.ruleId}: ${p.location?.[0]?.pointer ?? ''} ${p.message}`));
}

const plurals = (document) => Object.keys(document.paths).filter((path) => path.endsWith('/count')).map((path) => path.split('/')[3]);

// The operations a route stands for: of {plural} one for each record type that has it.
function operationsOf(document, route) {
  const method = route.method.toLowerCase();
  const tail = route.path.split('/').slice(4).join('/');
  const paths = route.path.startsWith('/api/v1/{plural}')
    ? plurals(document).map((plural) => `/api/v1/${plural}${tail ? `/${tail}` : ''}`)
    : [route.path];
  return paths.map((path) => document.paths[path]?.[method]).filter(Boolean);
}

function routesFindings(document) {
  const findings = [];
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    const operations = operationsOf(document, route);
    if (!operations.length) findings.push(`${name} is not described`);
    for (const o of operations) {
      const open = o.security?.length === 0;
      if (open !== (route.permission === 'public')) findings.push(`${name} says wrongly who may call`);
      const failures = Object.keys(o.responses).filter((status) => status >= '400');
      const wanted = ['500', '503', ...(open ? [] : ['401', '403', '429']), ...(o.requestBody ? ['400', '413', '422'] : [])];
      for (const status of wanted) if (!failures.includes(status)) findings.push(`${name} does not describe ${status}`);
      if (!Object.keys(o.responses).some((status) => status < '300')) findings.push(`${name} never succeeds`);
    }
  }
  return findings;
}

// The operation that answered a request; a literal segment wins over a parameter.
function operationFor(document, answer) {
  const parts = answer.target.split('?')[0].split('/');
  const literal = (path) => path.split('/').filter((part) => !part.startsWith('{')).length;
  const fits = (path) => {
    const own = path.split('/');
    return own.length === parts.length && own.every((part, i) => part.startsWith('{') || part === parts[i]);
  };
  const paths = Object.keys(document.paths).filter(fits).sort((a, b) => literal(b) - literal(a));
  const path = paths.find((p) => document.paths[p][answer.method.toLowerCase()]);
  return path && { path, operation: document.paths[path][answer.method.toLowerCase()] };
}

function answersFindings(document) {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema({ $id: 'root', ...document });
  const compiled = new Map();
  const findings = [];
  const asked = new Set();
  const schemaOf = (response) => {
    const target = response.$ref ? response.$ref.slice(2).split('/').reduce((at, key) => at[key], document) : response;
    return target.content;
  };
  const validate = (schema) => {
    const text = JSON.stringify(schema).replaceAll('"#/', '"root#/');
    if (!compiled.has(text)) compiled.set(text, ajv.compile(JSON.parse(text)));
    return compiled.get(text);
  };
  for (const answer of answers) {
    const found = operationFor(document, answer);
    // "Not modified" is of HTTP's own, to whoever says what he has.
    if (!found || answer.status === 304) continue;
    const name = `${answer.method} ${found.path} ${answer.status}`;
    const response = found.operation.responses[answer.status];
    if (!response) {
      findings.push(`${name}: the status is not described`);
      continue;
    }
    const content = schemaOf(response);
    if (answer.status < 300) asked.add(`${answer.method} ${found.path}`);
    if (answer.status < 300 && answer.sent.trim().length > 2 && !found.operation.requestBody) findings.push(`${name}: a body is not described`);
    if (!!content !== !!answer.mime) findings.push(`${name}: ${answer.mime ? 'a content' : 'no content'} against the description`);
    const [mime] = answer.mime.split(';');
    if (!content || !answer.mime) continue;
    if (content['*/*']) continue;
    if (!content[mime]) findings.push(`${name}: ${mime} is not described`);
    else if (mime.endsWith('json')) {
      const check = validate(content[mime].schema);
      if (!check(JSON.parse(answer.body))) findings.push(`${name}: ${ajv.errorsText(check.errors)}`);
    }
  }
  return { findings, asked };
}

// Routes that no case has answered with success. What was refused by a receiver can be sent again:
// tests/unit/connector_webhook_test.c has one.
const elsewhere = ['POST /api/v1/webhooks/{id}/deliveries/{delivery}/resend'];
function unasked(document, asked) {
  return routes
    .filter((route) => !elsewhere.includes(`${route.method} ${route.path}`) && !operationsOf(document, route).some((o) => asked.has(o)))
    .map((route) => `${route.method} ${route.path} succeeds in no case`);
}

const documents = answers
  .filter((a) => a.target === '/api/v1/openapi.json' && a.status === 200)
  .map((a) => JSON.parse(a.body));
const document = documents.reduce((a, b) => (Object.keys(b.components.schemas).length > Object.keys(a.components.schemas).length ? b : a));
for (const [i, d] of documents.entries()) {
  result(`document ${i + 1} of ${documents.length} follows OpenAPI 3.1 and the rules (${Object.keys(d.paths).length} paths)`, await lint(d));
}
result(`each of ${routes.length} routes is described with who may call, bodies and failures`, routesFindings(document));
const { findings, asked } = answersFindings(document);
result(`${answers.length} answers are as described`, findings);
const operations = new Set([...asked].map((name) => {
  const [method, path] = name.split(' ');
  return document.paths[path][method.toLowerCase()];
}));
result('each route succeeds in a case', unasked(document, operations));

// Each check must be able to fail.
const broken = (change) => {
  const copy = structuredClone(document);
  change(copy);
  return copy;
};
const lead = (d) => d.paths['/api/v1/leads'];
const defects = {
  'a reference to nothing': async () => lint(broken((d) => { lead(d).post.responses['201'].content['application/json'].schema.$ref = '#/components/schemas/gone'; })),
  'a path parameter that is not declared': async () => lint(broken((d) => { d.paths['/api/v1/leads/{id}'].get.parameters = []; })),
  'an operation without security': async () => lint(broken((d) => { delete lead(d).get.security; })),
  'a member that the standard does not know': async () => lint(broken((d) => { lead(d).get.respones = {}; })),
  'a route left out': async () => routesFindings(broken((d) => { delete d.paths['/api/v1/settings'].patch; })),
  'a failure left out': async () => routesFindings(broken((d) => { delete lead(d).post.responses['413']; })),
  'a route open to everybody': async () => routesFindings(broken((d) => { d.paths['/api/v1/audit'].get.security = []; })),
  'a status that is answered and not described': async () => answersFindings(broken((d) => { delete lead(d).post.responses['422']; })).findings,
  'a member that is described and not answered': async () => answersFindings(broken((d) => { d.components.schemas.lead.required.push('colour'); })).findings,
  'a member of another type': async () => answersFindings(broken((d) => { d.components.schemas.lead.properties.name = { type: 'integer' }; })).findings,
};
for (const [name, found] of Object.entries(defects)) {
  result(`found: ${name}`, (await found()).length ? [] : ['nothing was said']);
}
console.log(`1..${planned}`);
