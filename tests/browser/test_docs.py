"""The API's description, read in a real browser on a machine without the web."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


def test_the_routes_are_listed_without_any_other_host(api_docs: Page) -> None:
    expect(api_docs.locator(".opblock-summary-path", has_text="/v1/feedback").first).to_be_visible(timeout=15_000)
    expect(api_docs.locator(".opblock-summary-path", has_text="/v1/predictions/batch").first).to_be_visible()
