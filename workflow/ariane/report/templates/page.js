"use strict";
/* Each part of a page's behaviour is a starter: it is given the page, whenever its body changes. */
const starters = [];
const begin = (page) => starters.forEach((start) => start(page));
const openAll = (page, wanted) => {
  for (const one of page.querySelectorAll("details")) one.open = wanted;
};
function tableTools(table) {
  const tools = document.getElementById(table.dataset.tools);
  const groups = [...table.tBodies];
  const search = tools.querySelector("input");
  const choice = tools.querySelector("select");
  const told = tools.querySelector("output");
  const show = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const group of groups) {
      const keep = (!wanted || group.textContent.toLocaleLowerCase().includes(wanted)) &&
        (!choice.value || group.dataset.choice.split("+").includes(choice.value));
      group.hidden = !keep;
      shown += keep;
    }
    told.textContent = told.dataset.text.replace("{shown}", shown).replace("{all}", groups.length);
  };
  search.addEventListener("input", show);
  choice.addEventListener("change", show);
  [...table.tHead.rows[0].cells].forEach((cell, column) => {
    if (!cell.dataset.sort) return;
    const name = cell.textContent.trim();
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name;
    button.title = table.dataset.sortText.replace("{column}", name);
    cell.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = cell.getAttribute("aria-sort") === "ascending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      cell.setAttribute("aria-sort", down ? "descending" : "ascending");
      const value = (group) => {
        const at = group.rows[0].cells[column];
        return cell.dataset.sort === "number" ? Number(at.dataset.value) : at.textContent.trim();
      };
      const order = (a, b) => {
        const [x, y] = [value(a), value(b)];
        const ahead = typeof x === "number" ? x - y : x.localeCompare(y);
        return down ? -ahead : ahead;
      };
      groups.sort(order);
      for (const group of groups) table.insertBefore(group, table.tFoot);
    });
  });
  tools.hidden = false;
  show();
}
starters.push((page) => {
  for (const table of page.querySelectorAll("table[data-tools]:not([data-made])")) {
    table.dataset.made = "yes";
    tableTools(table);
  }
});
starters.push((page) => {
  for (const button of page.querySelectorAll("button[data-open]")) {
    button.hidden = false;
    button.onclick = () => openAll(button.closest("section"), button.dataset.open === "yes");
  }
  for (const button of page.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.onclick = () => print();
  }
  for (const link of page.querySelectorAll('a[href^="#candidate-"]')) {
    link.onclick = () => {
      page.querySelector(link.getAttribute("href")).open = true;
    };
  }
});
/* On paper stands what is open, and what is marked as belonging there. */
let closedAgain = [];
addEventListener("beforeprint", () => {
  closedAgain = [...document.querySelectorAll("details[data-paper]")].filter((one) => !one.open);
  for (const one of closedAgain) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of closedAgain) one.open = false;
});
addEventListener("DOMContentLoaded", () => begin(document.getElementById("page")));
