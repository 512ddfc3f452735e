/* Tables written by the page itself: tab-separated text, and a workbook in the OOXML format. */
function saveTable(kind, name, titles, rows, sheet = "findings") {
  const bytes = kind === "xlsx" ? workbook(titles, rows, sheet) : tsv([titles, ...rows]);
  const type = kind === "xlsx"
    ? "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" : "text/tab-separated-values";
  save(`${name.replace(/[^\w.-]+/g, "_")}.${kind}`, type, bytes);
}
const saveText = (name, text) => save(name.replace(/[^\w.-]+/g, "_"), "text/tab-separated-values", text);
function save(name, type, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
/* As ariane.safe.cell: no tabs or line ends, and nothing that a spreadsheet would run. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/;
const tsvCell = (value) => {
  if (typeof value === "number") return String(value);
  const text = value.replace(/[\t\r\n\v\f\u2028\u2029]+/g, " ");
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return safe.includes('"') ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const tsv = (rows) => rows.map((row) => `${row.map(tsvCell).join("\t")}\n`).join("");

const XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const OFFICE = "http://schemas.openxmlformats.org/";
const escaped = (text) => text.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "")
  .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
function worksheet(titles, rows) {
  /* Text is written as inline strings: a workbook never runs those. */
  const cell = (value, style) => typeof value === "number"
    ? `<c><v>${value}</v></c>` : `<c t="inlineStr"${style}><is><t xml:space="preserve">${escaped(value)}</t></is></c>`;
  const line = (row, style = "") => `<row>${row.map((value) => cell(value, style)).join("")}</row>`;
  return `${XML}<worksheet xmlns="${OFFICE}spreadsheetml/2006/main"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${line(titles, ' s="1"')}${rows.map((row) => line(row)).join("")}</sheetData></worksheet>`;
}
function workbook(titles, rows, sheet) {
  const main = `${OFFICE}officeDocument/2006/relationships`, types = "application/vnd.openxmlformats-";
  const parts = {
    "[Content_Types].xml": `${XML}<Types xmlns="${OFFICE}package/2006/content-types"><Default Extension="rels" ContentType="${types}package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${types}officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${types}officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${types}officedocument.spreadsheetml.styles+xml"/></Types>`,
    "_rels/.rels": `${XML}<Relationships xmlns="${OFFICE}package/2006/relationships"><Relationship Id="rId1" Type="${main}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${XML}<workbook xmlns="${OFFICE}spreadsheetml/2006/main" xmlns:r="${main}"><sheets><sheet name="${sheet}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${XML}<Relationships xmlns="${OFFICE}package/2006/relationships"><Relationship Id="rId1" Type="${main}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${main}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `${XML}<styleSheet xmlns="${OFFICE}spreadsheetml/2006/main"><fonts count="2"><font/><font><b/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
    "xl/worksheets/sheet1.xml": worksheet(titles, rows),
  };
  return zipped(parts);
}
const CRC = Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n >>> 0;
});
const crc32 = (bytes) => {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = CRC[(sum ^ byte) & 255] ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
};
/* An archive of stored files with a fixed date (1980-01-01): the same rows give the same bytes. */
function zipped(parts) {
  const number = (value, width) => Array.from({ length: width }, (_, n) => (value >>> (8 * n)) & 255);
  const chunks = [], index = [];
  let at = 0;
  const put = (into, ...pieces) => into.push(...pieces.map((piece) => Uint8Array.from(piece)));
  for (const [title, text] of Object.entries(parts)) {
    const name = new TextEncoder().encode(title), bytes = new TextEncoder().encode(text);
    const facts = [...number(20, 2), ...number(0x0800, 2), 0, 0, 0, 0, 33, 0, ...number(crc32(bytes), 4), ...number(bytes.length, 4), ...number(bytes.length, 4), ...number(name.length, 2), 0, 0];
    put(index, [0x50, 0x4b, 1, 2, 20, 0, ...facts, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...number(at, 4)], name);
    put(chunks, [0x50, 0x4b, 3, 4, ...facts], name);
    chunks.push(bytes);
    at += 30 + name.length + bytes.length;
  }
  const size = index.reduce((sum, one) => sum + one.length, 0), count = number(Object.keys(parts).length, 2);
  put(index, [0x50, 0x4b, 5, 6, 0, 0, 0, 0, ...count, ...count, ...number(size, 4), ...number(at, 4), 0, 0]);
  return new Blob([...chunks, ...index]);
}
