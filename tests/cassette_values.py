"""Cassettes as values for the tests of formats: changing them, and comparing what they mean."""

from __future__ import annotations

import dataclasses

from cassette_kit.formats.key_order import sorted_keys
from cassette_kit.model import Cassette, Headers, Interaction, Request, Response, Stream

NEW = Interaction(
    Request(
        "POST",
        "https://api.example/v1",
        Headers([("X-B", "2"), ("Accept", "a/b"), ("X-B", "1")]),
        b'{"a": "b"}',
        content_length=10,
        host="api.example",
        form=Headers([("k", "v")]),
    ),
    Response(
        200,
        Headers([("Content-Type", "text/event-stream")]),
        b"data: 1\n\ndata: 2\n\n",
        status="200 OK",
        duration_ns=1_500_000_000,
        uncompressed=True,
        transfer_encoding=("chunked",),
        trailer=Headers([("X-T", " a\nb")]),
        stream=Stream("complete", ((412, 9), (33, 9))),
    ),
)


def with_method(interaction: Interaction, method: str) -> Interaction:
    request = dataclasses.replace(interaction.request, method=method)
    return dataclasses.replace(interaction, request=request)


def with_interactions(cassette: Cassette, *interactions: Interaction) -> Cassette:
    return dataclasses.replace(cassette, interactions=interactions)


def appended(cassette: Cassette, *interactions: Interaction) -> Cassette:
    return with_interactions(cassette, *cassette.interactions, *interactions)


def all_changed(cassette: Cassette) -> Cassette:
    """The cassette with another method in every interaction."""
    return with_interactions(
        cassette, *(with_method(interaction, "PUT") for interaction in cassette.interactions)
    )


def meaning(cassette: Cassette) -> list[Interaction]:
    """The interactions without what a save may change: ids, and the order of header names."""
    return [
        dataclasses.replace(
            interaction,
            id=0,
            request=_request_in_order(interaction.request),
            response=_response_in_order(interaction.response),
        )
        for interaction in cassette.interactions
    ]


def _request_in_order(request: Request) -> Request:
    return dataclasses.replace(
        request,
        headers=_in_order(request.headers),
        trailer=_in_order(request.trailer),
        form=_in_order(request.form),
    )


def _response_in_order(response: Response) -> Response:
    return dataclasses.replace(
        response, headers=_in_order(response.headers), trailer=_in_order(response.trailer)
    )


def _in_order(headers: Headers) -> Headers:
    pairs = headers.multi_items()
    names = sorted_keys({name for name, _ in pairs})
    return Headers(sorted(pairs, key=lambda pair: names.index(pair[0])))
