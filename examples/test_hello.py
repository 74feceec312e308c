import openai
import pytest


@pytest.mark.cassette
def test_hello():
    client = openai.OpenAI()
    answer = client.responses.create(model="gpt-5", input="Say hello.")
    assert answer.output_text.startswith("Hello")
