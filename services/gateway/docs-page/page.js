/* global SwaggerUIBundle */
import { WORDS } from "./words.js";

const { lang } = document.documentElement;
const isChinese = lang.startsWith("zh");
const say = (words) => (isChinese ? (WORDS.get(words) ?? words) : words);

/** Swagger UI's own layout has no landmarks, and a list of servers where there is one. */
const layout = ({ React: { createElement: h } }) => ({
  components: {
    DocsLayout: ({ getComponent, specSelectors }) => {
      const part = (name) => h(getComponent(name, true));
      const state = specSelectors.loadingStatus();
      if (state === "loading") return h("p", { role: "status" }, say("Loading"));
      if (state === "failed" || state === "failedConfig") return h("div", { className: "swagger-ui" }, part("errors"));
      return h(
        "div",
        { className: "swagger-ui" },
        part("SvgAssets"),
        part("errors"),
        h("div", { className: "wrapper" }, part("InfoContainer")),
        h(
          "div",
          { className: "tools wrapper" },
          part("FilterContainer"),
          h("div", { className: "auth-wrapper" }, part("AuthorizeBtnContainer")),
        ),
        h("section", { className: "wrapper" }, h("h2", null, isChinese ? "操作" : "Operations"), part("operations")),
      );
    },
    // A link in a button is reached by neither key nor screen reader; opening an operation sets the address all the same.
    DeepLink: ({ text }) => h("span", null, text),
  },
});

const namesLanguage = (headers) => Object.keys(headers).some((name) => name.toLowerCase() === "accept-language");

/** Puts right what Swagger UI leaves out for who cannot see or point, in the reader's language. */
const rules = {
  "tr[data-param-name] :is(input, select, textarea):not([aria-label])": (control) =>
    name(control, control.closest("tr").dataset.paramName),
  "textarea.body-param__text:not([aria-label])": (control) => name(control, say("Request body")),
  "input.operation-filter-input:not([aria-label])": (control) => {
    control.placeholder = say("Filter by tag or path");
    name(control, control.placeholder);
  },
  "button.close-modal:not([aria-label])": (button) => name(button, say("Close")),
  // Says something else than the button shows.
  "button.modal-btn[aria-label]": (button) => button.removeAttribute("aria-label"),
  // Scrolled by key, too.
  "pre.microlight:not([tabindex]), .highlight-code pre:not([tabindex])": (box) => box.setAttribute("tabindex", "0"),
  // Several of one name would be no landmarks, and a table is to be read as one.
  "table[role='region']": (table) => table.removeAttribute("role"),
  // The dialog stands before the page's second heading.
  ".modal-ux :is(h3, h4):not([aria-level])": (heading) => {
    heading.setAttribute("aria-level", heading.localName === "h3" ? "2" : "3");
  },
  ".modal-ux:not([role])": openDialog,
};

function name(element, label) {
  element.setAttribute("aria-label", label);
}

function openDialog(dialog) {
  dialog.setAttribute("role", "dialog");
  dialog.setAttribute("aria-modal", "true");
  name(dialog, say("Available authorizations"));
  dialog.querySelector("input, button").focus();
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "Escape") dialog.querySelector(".close-modal").click();
    if (event.key !== "Tab") return;
    const stops = [...dialog.querySelectorAll("input, button, a[href], select")];
    const [first, last] = [stops[0], stops.at(-1)];
    if (document.activeElement !== (event.shiftKey ? first : last)) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  });
}

/** Where a reader was before a dialog, and whether one is open. */
let place;
let isOpen = false;
document.addEventListener("focusin", ({ target }) => {
  if (target.closest(".modal-ux") === null) place = target;
});

const goBackFromDialog = () => {
  const isOpenNow = main.querySelector(".modal-ux") !== null;
  if (isOpen && !isOpenNow) (place?.isConnected ? place : main.querySelector("button.authorize"))?.focus();
  isOpen = isOpenNow;
};

/** Nothing in these is Swagger UI's own word. */
const FOREIGN = "pre, code, textarea, script, .markdown, .renderedMarkdown, .opblock-summary-path, td .parameter__name";

const translate = (root) => {
  const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
    const word = WORDS.get(text.data.trim());
    if (word !== undefined && text.parentElement.closest(FOREIGN) === null) text.data = word;
  }
};

const main = document.getElementById("docs");
const dress = () => {
  for (const [selector, apply] of Object.entries(rules)) main.querySelectorAll(selector).forEach(apply);
  if (isChinese) translate(main);
  goBackFromDialog();
};
new MutationObserver(dress).observe(main, { childList: true, subtree: true, characterData: isChinese });

SwaggerUIBundle({
  url: main.dataset.document,
  domNode: main,
  plugins: [layout],
  layout: "DocsLayout",
  deepLinking: true,
  docExpansion: "none",
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  filter: true,
  persistAuthorization: false,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (!request.loadSpec && !namesLanguage(request.headers)) request.headers["Accept-Language"] = lang;
    return request;
  },
});

// The other language opens at the same operation.
for (const link of document.querySelectorAll("a[hreflang]")) {
  link.addEventListener("click", () => {
    link.hash = location.hash;
  });
}
