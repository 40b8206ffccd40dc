/** The text around every mail; `{{{body}}}` is the rendered template. */
export const textFrame = `{{{body}}}

--
{{companyName}}
Questions? Answer this mail or write to {{supportEmail}}.
`;

/** The page around every mail. Mail programs know neither style sheets nor scripts for sure, so that styles stand at the elements. */
export const htmlFrame = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{{subject}}</title>
</head>
<body style="margin:0;padding:24px 12px;background:#f3f5f8;font:16px/1.55 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1b222c">
<div style="max-width:560px;margin:0 auto">
<p style="margin:0 0 12px;font-size:15px;font-weight:600;color:#0b5cad">{{companyName}}</p>
<div style="background:#ffffff;border:1px solid #dde3ea;border-radius:10px;padding:28px">
{{{body}}}
</div>
<p style="margin:16px 4px 0;font-size:13px;color:#5b6675">Questions? Answer this mail or write to <a href="mailto:{{supportEmail}}" style="color:#0b5cad">{{supportEmail}}</a>.</p>
</div>
</body>
</html>
`;

/** Parts that several templates use. */
export const htmlPartials = {
  greeting: `<p style="margin:0 0 14px">Hello{{#customerName}} {{customerName}}{{/customerName}},</p>`,
};

export const textPartials = {
  greeting: `Hello{{#customerName}} {{customerName}}{{/customerName}},\n`,
};
