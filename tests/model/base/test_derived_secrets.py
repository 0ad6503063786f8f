"""Secrets of deployments follow from the platform's key, one for each purpose."""

from itertools import product

from windmill.scripts.model.base.derived_secrets import api_key, derived_secret, page_link

KEY = "k" * 32


def test_a_secret_is_the_same_at_each_run_and_another_for_each_key_purpose_and_name() -> None:
    asked = list(product((KEY, "K" * 32), ("api", "litellm"), ("a", "b")))
    given = [derived_secret(*each) for each in asked]
    assert given == [derived_secret(*each) for each in asked]
    assert len(set(given)) == len(asked)


def test_secrets_stay_what_they_were_when_the_code_changes() -> None:
    """Another one would lock out every pipeline that runs."""
    wanted = "f3f30f48301195467b3629f0ff1cfb3990ddf8fd8da3128865e935af4889ae37"
    assert derived_secret(KEY, "litellm", "d1") == wanted


def test_an_api_key_fits_a_header_and_says_what_it_is() -> None:
    key = api_key(KEY, "d1")
    assert key.startswith("mk-")
    assert key.isascii()
    assert key == f"mk-{derived_secret(KEY, 'api', 'd1')}"


def test_a_page_link_keeps_the_key_from_the_server() -> None:
    link = page_link("http://127.0.0.1:20100/", "mk-1")
    assert link == page_link("http://127.0.0.1:20100", "mk-1") == "http://127.0.0.1:20100/#key=mk-1"
