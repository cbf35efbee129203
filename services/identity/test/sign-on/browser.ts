/** A scripted user agent: follows redirects, keeps cookies, fills in the provider's login and consent pages. */
export type Browser = {
  /** Opens a page and goes on until a redirect leads to where `isThere` says; answers that address. */
  go(url: string, as: string, isThere: (url: string) => boolean): Promise<string>;
};

const maxSteps = 20;

export const openBrowser = (): Browser => {
  const cookies = new Map<string, string>();

  const send = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, {
      ...init,
      redirect: "manual",
      headers: new Headers([...new Headers(init.headers), ["cookie", cookie]]),
    });
    for (const set of response.headers.getSetCookie()) {
      const [pair = ""] = set.split(";");
      const at = pair.indexOf("=");
      cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  };

  /** What a person does with a page: types a name, or agrees. */
  const fillIn = async (page: Response, as: string): Promise<Response> => {
    const html = await page.text();
    const action = /<form[^>]*action="([^"]+)"/.exec(html)?.[1];
    if (action === undefined) throw new Error(`${page.status}: no form on the page: ${html.slice(0, 500)}`);
    const prompt = /name="prompt" value="([^"]+)"/.exec(html)?.[1] ?? "";
    const body = new URLSearchParams({ prompt, ...(prompt === "login" && { login: as, password: "any" }) });
    return await send(new URL(action, page.url).href, { method: "POST", body });
  };

  return {
    go: async (url, as, isThere) => {
      let response = await send(url);
      for (let step = 0; step < maxSteps; step += 1) {
        const location = response.headers.get("location");
        if (location !== null) {
          const next = new URL(location, response.url).href;
          if (isThere(next)) return next;
          response = await send(next);
        } else if (response.headers.get("content-type")?.includes("html")) {
          response = await fillIn(response, as);
        } else {
          throw new Error(`${response.status} at ${response.url}: ${await response.text()}`);
        }
      }
      throw new Error("the redirects do not end");
    },
  };
};
