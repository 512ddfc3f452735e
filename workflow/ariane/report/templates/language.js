/* The page in its other language: the two bodies change places, what was open stays open. */
const kept = document.getElementById("other");
function switchLanguage() {
  const page = document.getElementById("page");
  const open = [...page.querySelectorAll("details[id]")].filter((one) => one.open).map((one) => one.id);
  const now = { lang: document.documentElement.lang, title: document.title };
  const body = document.createDocumentFragment();
  body.append(...page.childNodes);
  page.append(kept.content);
  kept.content.append(body);
  document.documentElement.lang = kept.lang;
  document.title = kept.dataset.title;
  kept.lang = now.lang;
  kept.dataset.title = now.title;
  for (const one of page.querySelectorAll("details[id]")) one.open = open.includes(one.id);
  begin(page);
  page.querySelector("[data-switch]").focus();
}
starters.push((page) => {
  for (const one of page.querySelectorAll("[data-switch]")) {
    one.hidden = false;
    one.onclick = switchLanguage;
  }
});
