"use strict";
window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  displayRequestDuration: true,
  // A token that was entered survives a reload of the page.
  persistAuthorization: true,
  // No other server is asked anything.
  validatorUrl: null,
  queryConfigEnabled: false,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  onComplete: () => {
    const title = window.ui.specSelectors.info().get("title");
    if (title) document.title = title;
  },
});
