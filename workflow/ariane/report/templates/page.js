"use strict";
for (const table of document.querySelectorAll("table[data-tools]")) {
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
  for (const button of tools.querySelectorAll("button[data-open]")) {
    button.addEventListener("click", () => {
      for (const one of table.querySelectorAll("details")) one.open = button.dataset.open === "yes";
    });
  }
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
addEventListener("beforeprint", () => {
  for (const one of document.querySelectorAll("details")) one.open = true;
});
