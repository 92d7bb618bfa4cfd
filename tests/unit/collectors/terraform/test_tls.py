"""Listeners of load balancers."""

from __future__ import annotations

from typing import Any

import pytest

from policyscan.resources.elb_policies import DEFAULT_POLICY
from tests.unit.collectors.terraform.written import field, resources

BALANCER = 'resource "aws_lb" "b" {\n%s\n}\n'
LISTENER = 'resource "aws_lb_listener" "l" {\nload_balancer_arn = aws_lb.b.arn\n%s\n}\n'
REDIRECT = 'default_action {\ntype = "redirect"\nredirect {\nprotocol = "HTTPS"\n}\n}\n'
FORWARD = 'default_action {\ntype = "forward"\n}\n'


def facts(module: str, *names: str, address: str = "aws_lb_listener.l") -> tuple[Any, ...]:
    found = resources('variable "u" {}\n' + module)[address]
    return tuple(field(getattr(found, name)) for name in names)


@pytest.mark.parametrize(
    ("balancer", "listener", "expected"),
    [
        ("", "", ("alb", "http", None)),
        ("", 'protocol = "HTTPS"', ("alb", "https", DEFAULT_POLICY)),
        ("", 'protocol = "https"', ("alb", "https", DEFAULT_POLICY)),
        ("", 'protocol = "HTTPS"\nssl_policy = null', ("alb", "https", DEFAULT_POLICY)),
        (
            "",
            'protocol = "HTTPS"\nssl_policy = "ELBSecurityPolicy-TLS13-1-2-2021-06"',
            ("alb", "https", "ELBSecurityPolicy-TLS13-1-2-2021-06"),
        ),
        (
            "",
            'protocol = "HTTPS"\nssl_policy = var.u ? "ELBSecurityPolicy-2016-08" : null',
            ("alb", "https", ("ELBSecurityPolicy-2016-08", DEFAULT_POLICY)),
        ),
        ('load_balancer_type = "network"', 'protocol = "TLS"', ("nlb", "tls", DEFAULT_POLICY)),
        ('load_balancer_type = "network"', 'protocol = "TCP"', ("nlb", "tcp", None)),
        ('load_balancer_type = "gateway"', "", ("gwlb", "geneve", None)),
        (
            "load_balancer_type = var.u",
            "",
            ("unknown", "<the protocol of this listener>", DEFAULT_POLICY),
        ),
    ],
)
def test_protocol_and_policy(balancer: str, listener: str, expected: Any) -> None:
    module = BALANCER % balancer + LISTENER % listener
    assert facts(module, "server", "protocol", "policy_name") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("internal = true", True),
        ("internal = null", False),
        ("internal = var.u", "<a value for var.u>"),
        ("internal = var.u ? true : null", (True, False)),
    ],
)
def test_internal(text: str, expected: Any) -> None:
    assert facts(BALANCER % text + LISTENER % "", "internal") == (expected,)


def rule(action: str, listener: str = "aws_lb_listener.l.arn") -> str:
    return f'resource "aws_lb_listener_rule" "r" {{\nlistener_arn = {listener}\n{action}\n}}\n'


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (LISTENER % FORWARD, False),
        (LISTENER % REDIRECT, True),
        (LISTENER % REDIRECT.replace('"HTTPS"', '"#{protocol}"'), False),
        (LISTENER % REDIRECT.replace('"redirect"', "var.u"), "<the actions of this listener>"),
        (LISTENER % REDIRECT + rule('action {\ntype = "forward"\n}'), False),
        (LISTENER % REDIRECT + rule(REDIRECT.replace("default_action", "action")), True),
        (
            LISTENER % REDIRECT + rule('action {\ntype = "forward"\n}', "var.u"),
            "<a value for var.u>",
        ),
    ],
)
def test_redirects(module: str, expected: Any) -> None:
    assert facts(BALANCER % "" + module, "redirects_to_https") == (expected,)


def test_the_old_names() -> None:
    module = (BALANCER % "" + LISTENER % 'protocol = "HTTPS"').replace("aws_lb", "aws_alb")
    assert facts(module, "server", "protocol", address="aws_alb_listener.l") == ("alb", "https")


def test_a_load_balancer_elsewhere() -> None:
    module = LISTENER.replace("aws_lb.b.arn", "var.u") % 'protocol = "HTTPS"'
    assert facts(module, "server", "internal") == (
        "unknown",
        "<the load balancer of this listener>",
    )
