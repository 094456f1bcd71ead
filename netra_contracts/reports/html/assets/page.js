"use strict";
(() => {
  const form = document.getElementById("filter");
  const findings = [...document.querySelectorAll("details.finding[data-code]")];
  const roots = findings.filter((one) => !one.parentElement.closest("details.finding"));
  const targets = document.querySelectorAll("section.target[id^=t]");
  const texts = new Map();

  // The text of a finding without that of its consequences.
  const textOf = (finding) => {
    if (!texts.has(finding)) {
      const own = [...finding.children].filter((child) => !child.classList.contains("follows"));
      texts.set(finding, own.map((child) => child.textContent).join(" ").toLowerCase());
    }
    return texts.get(finding);
  };

  const apply = () => {
    const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const boxes = [...form.querySelectorAll("[name=severity]")];
    const severities = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const code = form.elements.code ? form.elements.code.value : "";
    const matches = (finding) =>
      (!boxes.length || severities.has(finding.dataset.severity)) &&
      (!code || finding.dataset.code === code) &&
      words.every((word) => textOf(finding).includes(word));
    let shown = 0;
    for (const root of roots) {
      const itself = matches(root);
      let any = itself;
      shown += itself;
      for (const inner of root.querySelectorAll("details.finding")) {
        const match = matches(inner);
        if (inner.hidden === match) inner.hidden = !match;
        shown += match;
        any ||= match;
      }
      if (root.hidden === any) root.hidden = !any;
      if (any && !itself) root.open = true;
    }
    // Of several targets, those without a match are not shown while a filter is set.
    for (const target of targets) {
      const match = shown === findings.length || target.querySelector("details.finding[data-code]:not([hidden])");
      target.hidden = !match;
    }
    const total = findings.length.toLocaleString("en");
    form.elements.shown.value =
      shown === findings.length ? `${total} findings` : `${shown.toLocaleString("en")} of ${total} findings`;
  };

  const reveal = (id) => {
    const found = id && document.getElementById(id);
    if (!found) return;
    for (let one = found; one; one = one.parentElement) {
      if (one.hidden) one.hidden = false;
      if (one.localName === "details") one.open = true;
    }
    found.scrollIntoView();
  };

  if (form) {
    form.hidden = false;
    let waiting = 0;
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        apply();
        // What is left of a long list may be above the window.
        const list = form.nextElementSibling;
        if (list.getBoundingClientRect().top < 0) list.scrollIntoView();
      }, 120);
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("click", (event) => {
      const name = event.target.name;
      if (name !== "expand" && name !== "collapse") return;
      for (const finding of findings) if (!finding.hidden) finding.open = name === "expand";
    });
    apply();
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link) return;
    if (link.classList.contains("link") && navigator.clipboard) {
      navigator.clipboard.writeText(link.href).then(() => {
        const before = link.textContent;
        link.textContent = "Copied";
        setTimeout(() => (link.textContent = before), 1500);
      }, () => {});
    }
    reveal(decodeURIComponent(link.hash.slice(1)));
  });
  addEventListener("hashchange", () => reveal(decodeURIComponent(location.hash.slice(1))));
  reveal(decodeURIComponent(location.hash.slice(1)));

  // Browsers without `::details-content` print a closed element closed.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of closed) one.open = false;
  });
})();
