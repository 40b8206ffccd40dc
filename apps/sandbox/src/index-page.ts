import type { Simulator } from '@keelson/testing/simulator';

/** The page that links everything a person may want to see in the sandbox. */
export function indexPage(apiUrl: string, simulators: readonly Pick<Simulator, 'plugin' | 'endpoints'>[]): string {
  const rows = simulators.flatMap(({ plugin, endpoints }) =>
    endpoints.map(
      ({ name, url }) => `<tr><th scope="row">${escape(plugin)}</th><td>${escape(name)}</td><td>${link(url)}</td></tr>`,
    ),
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Keelson sandbox</title>
<style>
:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:3rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.5rem;border-bottom:1px solid #8885}
</style></head>
<body>
<h1>Keelson sandbox</h1>
<p>Everything here is played on this machine; no money moves and no mail leaves.</p>
<ul>
<li><a href="/store/">Sample store</a>: buy with the card 4242 4242 4242 4242, be declined with 4000 0000 0000 9995</li>
<li>${link(`${apiUrl}/docs`)}: API documentation</li>
</ul>
<h2>Vendors</h2>
<table><tbody>
${rows.join('\n')}
</tbody></table>
</body></html>`;
}

function link(url: string): string {
  return /^https?:/.test(url) ? `<a href="${escape(url)}">${escape(url)}</a>` : `<code>${escape(url)}</code>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
