/** A question to the API as whoever is logged in in that page; a refusal breaks the job off. */
export const send = (page, method, path, body) => page.evaluate(async ([verb, address, sent]) => {
  const answer = await fetch(`/api/v1${address}`, { method: verb, headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'guantong' }, body: sent && JSON.stringify(sent) });
  if (answer.status >= 300) throw new Error(`${verb} ${address}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}, [method, path, body]);
