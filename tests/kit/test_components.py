"""Components refuse what the theme lacks, escape what people typed, and say everything to eyes and ears."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

from brug.kit.forms import SampleForm
from brug.kit.templatetags.components import register

WILD = "<script>alert(1)</script>"


def drawn(source: str, **context: object) -> str:
    return Template("{% load components %}" + source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    ['{% card "purple" %}{% endcard %}', '{% tag "new" "mauve" %}', '{% button "Send" variant="large" %}'],
)
def test_a_colour_or_variant_that_the_theme_lacks_is_refused(source: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="expected"):
        drawn(source)


@pytest.mark.parametrize(
    "source",
    [
        "{% card heading=wild %}{{ wild }}{% endcard %}",
        "{% alert heading=wild %}{{ wild }}{% endalert %}",
        "{% timeline %}{% event wild when=wild %}{% endtimeline %}",
        "<dl>{% fact wild wild article=wild %}</dl>",
        "{% tag wild %}",
        "{% buttons %}{% button wild name='a' value=wild hidden=wild %}{% endbuttons %}",
        "{% link_button '/' wild hidden=wild %}",
        "{% back '/' wild %}",
        "{% steps 1 wild %}",
        "{% empty_state wild wild url='/' action=wild %}",
        "{% confirm question=wild consequence=wild action='/' button_text=wild cancel='/' %}",
        "{% figure_card wild wild note=wild %}",
    ],
)
def test_what_people_typed_stays_text(source: str) -> None:
    html = drawn(source, wild=WILD)
    assert "<script" not in html and "&lt;script" in html


@pytest.mark.parametrize("current", range(1, 7))
def test_steps_have_exactly_one_place_where_one_is(current: int) -> None:
    html = drawn("{% steps current a b c d e f %}", current=current, **dict.fromkeys("abcdef", "x"))
    assert html.count('aria-current="step"') == 1
    assert html.count('class="done"') == current - 1


def test_what_is_not_known_is_said_to_eyes_and_ears() -> None:
    with translation.override("en"):
        html = drawn('<dl>{% fact "Phone" "" %}</dl>')
    assert "—" in html and "not given" in html


def test_a_recital_is_named_in_the_language_of_the_reader() -> None:
    with translation.override("en"):
        assert drawn("{{ 'recital C'|ground }}") == "recital C"
    assert drawn("{{ 'art. 3'|ground }}") == "art. 3"


def test_a_fine_form_has_no_summary() -> None:
    assert drawn("{% error_summary form %}", form=SampleForm()).strip() == ""


def test_every_mistake_of_every_form_is_in_the_summary() -> None:
    class Whole(forms.Form):
        def clean(self) -> None:
            raise forms.ValidationError("These do not fit together.")

    html = drawn("{% error_summary a b %}", a=SampleForm({}), b=Whole({}))
    required = [name for name, field in SampleForm().fields.items() if field.required]
    targets = re.findall(r'href="#id_([a-z_]+?)(?:_0)?"', html)
    assert targets == required
    assert "These do not fit together." in html


@pytest.mark.parametrize("name", list(SampleForm.base_fields))
def test_a_field_is_named_and_described_where_a_screen_reader_looks(name: str) -> None:
    field = SampleForm({})[name]
    html = str(field.as_field_group())
    ids = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r' for="([^"]+)"', html)) <= ids
    described = " ".join(re.findall(r' aria-describedby="([^"]+)"', html)).split()
    assert set(described) <= ids
    assert (f"id_{name}_error" in described) == bool(field.errors)
    assert 'class="ds-input"' in html


def test_the_living_page_shows_every_component() -> None:
    source = files("brug.face.web").joinpath("templates/web/components.html").read_text()
    unseen = {name for name in register.tags if not re.search(rf"{{% {name}\b", source)}
    assert unseen == {"again"}, "the frame alone uses it"


def test_the_same_words_at_several_fields_name_the_field() -> None:
    class Two(forms.Form):
        street = forms.CharField(label="Straat")
        town = forms.CharField(label="Gemeente")
        when = forms.DateField(label="Wanneer?", error_messages={"required": "Kies een dag."})

    with translation.override("nl"):
        html = drawn("{% error_summary form %}", form=Two({}))
    assert re.findall(r">([^<]+)</a>", html) == ["Straat: Vul dit in.", "Gemeente: Vul dit in.", "Kies een dag."]
