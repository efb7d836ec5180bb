"""Which of the machine's apt sources is the Debian archive."""

from runtime.servers import apt


def test_the_archive_that_says_it_is_debian_comes_first():
    targets = [
        "||main|https://packages.example/thing/",
        "Example|Example|main|https://packages.example/thing/",
        "Debian|Debian|main|http://mirror.example/debian/",
    ]
    assert apt.choose_mirrors(targets)[0] == "http://mirror.example/debian/"


def test_security_updates_cds_and_other_components_are_no_archive():
    targets = [
        "Debian|Debian-Security|main|http://mirror.example/debian-security/",
        "||main|http://mirror.example/debian-security/",
        "Debian|Debian|contrib|http://mirror.example/other/",
        "Debian|Debian|main|cdrom:[Debian]/",
    ]
    assert apt.choose_mirrors(targets) == []


def test_before_any_list_was_fetched_an_address_that_ends_like_the_archive_is_tried_first():
    targets = ["||main|http://mirror.example/tools/", "||main|http://mirror.example/proxy/debian"]
    assert apt.choose_mirrors(targets) == ["http://mirror.example/proxy/debian", "http://mirror.example/tools/"]


def test_a_source_of_another_origin_is_never_tried():
    assert apt.choose_mirrors(["Example|Debian|main|http://mirror.example/debian/"]) == []
