"""Who may open what, and which rows anyone sees: the permission table and row security, tried one by one."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from python_calamine import CalamineWorkbook

from mingcha.home.database import connect
from mingcha.home.directory import Home
from mingcha.procedure.identity import finding_id
from tests.desk.factories import AREA, OTHER_AREA, Audits, flag

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.slow

LOGIN = 302  # to the login page
HERE = finding_id(AREA, "drug-for-children", "line", "H1|V1|L1")
TABLE = [
    # view               address               nobody supervisor reviewer knowledge leader admin finance expert provider
    ("home",             "/",                                   (LOGIN, 302, 302, 302, 302, 302, 302, 302, 302)),
    ("health",           "/health",                             (200, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("watermark",        "/watermark.svg",                      (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("login",            "/login",                              (200, 302, 302, 302, 302, 302, 302, 302, 302)),
    ("login-code",       "/login/code",                         (LOGIN, 302, 302, 302, 302, 302, 302, 302, 302)),
    ("second-step",      "/second-step",                        (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("second-step-qr",   "/second-step/qr.svg",                 (LOGIN, 404, 404, 404, 404, 404, 404, 404, 404)),
    ("logout",           "/logout",                             (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("password",         "/password",                           (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("password-done",    "/password/done",                      (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("me",               "/me",                                 (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("delegation-lend",  "/me/lend",                            (LOGIN, 405, 405, 405, 405, 405, 405, 403, 403)),
    ("delegation-end",   "/me/lend/1/end",                      (LOGIN, 405, 405, 405, 405, 405, 405, 403, 403)),
    ("recusal-declare",  "/me/recusals",                        (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("recusal-end",      "/me/recusals/1/end",                  (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("access-ask",       "/me/ask",                             (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("recusals",         "/recusals",                           (LOGIN, 200, 403, 403, 200, 200, 403, 403, 403)),
    ("access-requests",  "/accounts/requests",                  (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("access-decide",    "/accounts/requests/1",                (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("areas",            "/areas",                              (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("area-add",         "/areas/add",                          (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("area",             f"/areas/of/{AREA}",                   (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("area-change",      f"/areas/of/{AREA}/change",            (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("area-close",       f"/areas/of/{AREA}/close",             (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("accounts",         "/accounts",                           (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("account-open",     "/accounts/open",                      (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("account-limits",   "/accounts/limits",                    (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("account",          "/accounts/of/leader",                 (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("account-change",   "/accounts/of/leader/change",          (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("account-act",      "/accounts/of/leader/act",             (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("findings",         "/findings",                           (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("findings-export",  "/findings/export",                    (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("finding-visits",   f"/findings/{HERE}/visits",            (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("finding-ties",     f"/findings/{HERE}/ties",              (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("finding-unmask",   f"/findings/{HERE}/unmask",            (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("finding",          f"/findings/{HERE}",                   (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("findings-count",   "/findings/count",                     (LOGIN, 405, 405, 405, 405, 405, 405, 403, 403)),
    ("findings-counted", "/findings/count/1",                   (LOGIN, 404, 404, 404, 404, 404, 404, 403, 403)),
    ("jobs",             "/jobs",                               (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("jobs-state",       "/jobs/state",                         (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("job-cancel",       "/jobs/1/cancel",                      (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("job-file",         "/jobs/1/file",                        (LOGIN, 404, 404, 403, 404, 403, 403, 403, 403)),
    ("finding-move",     f"/findings/{HERE}/move",              (LOGIN, 405, 405, 403, 405, 403, 405, 403, 405)),
    ("findings-move",    "/findings/move",                      (LOGIN, 405, 405, 403, 405, 403, 405, 403, 405)),
    ("findings-assign",  "/findings/assign",                    (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("findings-keep-view", "/findings/views",                   (LOGIN, 405, 405, 405, 405, 405, 405, 403, 403)),
    ("findings-drop-view", "/findings/views/1/drop",            (LOGIN, 405, 405, 405, 405, 405, 405, 403, 403)),
    ("finding-papers",   f"/findings/{HERE}/papers",            (LOGIN, 405, 405, 403, 405, 403, 405, 403, 405)),
    ("finding-ask",      f"/findings/{HERE}/ask",               (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("review-terms",     "/review/terms",                       (LOGIN, 200, 403, 403, 200, 200, 403, 403, 403)),
    ("paper",            "/papers/1",                           (LOGIN, 404, 404, 403, 404, 403, 404, 404, 404)),
    ("opinions",         "/opinions",                           (LOGIN, 403, 403, 403, 403, 403, 403, 200, 403)),
    ("opinion",          f"/opinions/{HERE}",                   (LOGIN, 403, 403, 403, 403, 403, 403, 404, 403)),
    ("portal",           "/portal",                             (LOGIN, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("portal-table",     "/portal/table",                       (LOGIN, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("portal-answers",   "/portal/answers",                     (LOGIN, 403, 403, 403, 403, 403, 403, 403, 405)),
    ("portal-statistics", "/portal/statistics",                 (LOGIN, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("portal-statistics-table", "/portal/statistics/table",     (LOGIN, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("portal-finding",   f"/portal/findings/{HERE}",            (LOGIN, 403, 403, 403, 403, 403, 403, 403, 404)),
    ("portal-split",     f"/portal/findings/{HERE}/split",      (LOGIN, 403, 403, 403, 403, 403, 403, 403, 405)),
    ("selfcheck", "/portal/selfcheck",                          (LOGIN, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("selfcheck-begin", "/portal/selfcheck/begin",              (LOGIN, 403, 403, 403, 403, 403, 403, 403, 405)),
    ("selfcheck-run", "/portal/selfcheck/1",                    (LOGIN, 403, 403, 403, 403, 403, 403, 403, 404)),
    ("selfcheck-state", "/portal/selfcheck/1/state",            (LOGIN, 403, 403, 403, 403, 403, 403, 403, 404)),
    ("selfcheck-refused", "/portal/selfcheck/1/refused",        (LOGIN, 403, 403, 403, 403, 403, 403, 403, 404)),
    ("selfcheck-delete", "/portal/selfcheck/1/delete",          (LOGIN, 403, 403, 403, 403, 403, 403, 403, 405)),
    ("providers",        "/providers",                          (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("provider",         "/providers/H1",                       (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("audits",           "/audits",                             (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("audit-report",     "/audits/1/report",                    (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("sampling",         "/sampling",                           (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("sampling-new",     "/sampling/new",                       (LOGIN, 200, 403, 403, 200, 403, 403, 403, 403)),
    ("sampling-plan",    "/sampling/1",                         (LOGIN, 404, 404, 403, 404, 403, 403, 403, 403)),
    ("sampling-give",    "/sampling/1/give",                    (LOGIN, 405, 403, 403, 405, 403, 403, 403, 403)),
    ("sampling-again",   "/sampling/1/again",                   (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("sampling-export",  "/sampling/1/export",                  (LOGIN, 404, 404, 403, 404, 403, 403, 403, 403)),
    ("sampling-case",    "/sampling/1/cases/1",                 (LOGIN, 404, 404, 403, 404, 403, 403, 404, 403)),
    ("documents",        "/documents",                          (LOGIN, 200, 200, 403, 200, 403, 200, 403, 403)),
    ("documents-zip",    "/documents/zip",                      (LOGIN, 200, 200, 403, 200, 403, 200, 403, 403)),
    ("documents-organ",  "/documents/organ",                    (LOGIN, 200, 403, 403, 200, 403, 403, 403, 403)),
    ("document",         "/documents/1",                        (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("document-picture", "/documents/1/page.png",               (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("document-pdf",     "/documents/1/pdf",                    (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("documents-templates", "/documents/templates",             (LOGIN, 200, 403, 403, 200, 403, 403, 403, 403)),
    ("documents-templates-withdraw", "/documents/templates/withdraw", (LOGIN, 405, 403, 403, 405, 403, 403, 403, 403)),
    ("documents-template-file", "/documents/templates/feedback", (LOGIN, 200, 403, 403, 200, 403, 403, 403, 403)),
    ("document-docx",    "/documents/1/docx",                   (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("document-draft",   "/documents/draft",                    (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("document-edit",    "/documents/1/edit",                   (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("document-move",    "/documents/1/move",                   (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("document-deliver", "/documents/1/deliver",                (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("document-sign",    "/documents/1/sign",                   (LOGIN, 403, 403, 403, 405, 403, 403, 403, 403)),
    ("portal-documents", "/portal/documents",                   (LOGIN, 403, 403, 403, 403, 403, 403, 403, 200)),
    ("portal-document-open", "/portal/documents/1/open",        (LOGIN, 403, 403, 403, 403, 403, 403, 403, 405)),
    ("portal-document-pdf", "/portal/documents/1/pdf",          (LOGIN, 403, 403, 403, 403, 403, 403, 403, 404)),
    ("library",          "/library",                            (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("rule",             "/library/rules/drug-for-children",    (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("rule-rows",        "/library/rules/drug-for-children/rows", (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("rule-rows-csv",    "/library/rules/drug-for-children/rows.csv", (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("rule-change",      "/library/rules/drug-for-children/change", (LOGIN, 403, 403, 405, 403, 403, 403, 403, 403)),
    ("changes",          "/library/changes",                    (LOGIN, 403, 403, 200, 200, 403, 403, 403, 403)),
    ("change",           "/library/changes/1",                  (LOGIN, 403, 403, 404, 404, 403, 403, 403, 403)),
    ("change-trial",     "/library/changes/1/trial",            (LOGIN, 403, 403, 404, 404, 403, 403, 403, 403)),
    ("change-edit",      "/library/changes/1/edit",             (LOGIN, 403, 403, 405, 403, 403, 403, 403, 403)),
    ("change-move",      "/library/changes/1/move",             (LOGIN, 403, 403, 405, 405, 403, 403, 403, 403)),
    ("onboarding",           "/onboarding",                          (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("onboarding-register",  "/onboarding/register",                 (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("onboarding-publish",   "/onboarding/publish",                  (LOGIN, 405, 403, 405, 405, 405, 403, 403, 403)),
    ("connection",           "/onboarding/providers/H1",             (LOGIN, 404, 404, 404, 404, 404, 404, 403, 403)),
    ("connection-acceptance", "/onboarding/providers/H1/acceptance",  (LOGIN, 404, 404, 404, 404, 404, 404, 403, 403)),
    ("connection-virtual",  "/onboarding/providers/H1/virtual.json", (LOGIN, 404, 404, 404, 404, 404, 404, 403, 403)),
    ("connection-change",    "/onboarding/providers/H1/change",      (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("connection-secrecy",   "/onboarding/providers/H1/secrecy",     (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("connection-move",      "/onboarding/providers/H1/move",        (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("key-hand-out",         "/onboarding/providers/H1/keys",        (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("key-revoke",           "/onboarding/providers/H1/keys/MK1/revoke", (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("problem-open",         "/onboarding/providers/H1/problems",    (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("problem-close",        "/onboarding/providers/H1/problems/1/close", (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("strengths",            "/onboarding/strengths",                (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("strength-set",         "/onboarding/strengths/set",            (LOGIN, 403, 403, 405, 405, 403, 403, 403, 403)),
    ("strength-withdraw",    "/onboarding/strengths/1/withdraw",     (LOGIN, 403, 403, 405, 405, 403, 403, 403, 403)),
    ("dictionary",           "/onboarding/dictionary",              (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("code-say",             "/onboarding/dictionary/say",          (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("code-unsay",           "/onboarding/dictionary/1/unsay",      (LOGIN, 405, 403, 403, 403, 405, 403, 403, 403)),
    ("snoozes",              "/onboarding/snoozes",                 (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("snooze-set",           "/onboarding/snoozes/set",             (LOGIN, 405, 403, 403, 405, 403, 403, 403, 403)),
    ("snooze-end",           "/onboarding/snoozes/1/end",           (LOGIN, 405, 403, 403, 405, 403, 403, 403, 403)),
    ("reminders",            "/reminders",                           (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("reminders-newest",     "/reminders/newest",                    (LOGIN, 204, 204, 204, 204, 204, 204, 403, 403)),
    ("reminders-list",       "/reminders/list",                      (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("reminders-export",     "/reminders/export",                    (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("reminder-calls",       "/reminders/calls",                     (LOGIN, 200, 200, 200, 200, 200, 200, 403, 403)),
    ("reminder-call",        "/reminders/calls/1",                  (LOGIN, 404, 404, 403, 404, 404, 403, 403, 403)),
    ("reminder-call-unmask", "/reminders/calls/1/unmask",           (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("reminder",             "/reminders/1",                         (LOGIN, 404, 404, 404, 404, 404, 404, 403, 403)),
    ("reminder-judge",       "/reminders/1/judge",                   (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("benefits", "/benefits", (LOGIN, 200, 200, 403, 200, 403, 200, 403, 403)),
    ("benefits-move", "/benefits/move", (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("benefits-export", "/benefits/export", (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("benefits-new", "/benefits/new", (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("benefits-file", "/benefits/file", (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("benefits-template", "/benefits/template", (LOGIN, 200, 200, 403, 200, 403, 403, 403, 403)),
    ("benefits-terms", "/benefits/terms", (LOGIN, 403, 403, 403, 200, 200, 403, 403, 403)),
    ("benefit", "/benefits/1", (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("benefit-move", "/benefits/1/move", (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("benefit-amend", "/benefits/1/amend", (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("benefit-papers", "/benefits/1/papers", (LOGIN, 405, 405, 403, 405, 403, 403, 403, 403)),
    ("benefit-paper", "/benefits/papers/1", (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("disbursements", "/disbursements", (LOGIN, 200, 200, 403, 200, 403, 200, 403, 403)),
    ("disbursements-new", "/disbursements/new", (LOGIN, 200, 200, 403, 200, 403, 200, 403, 403)),
    ("disbursement", "/disbursements/1", (LOGIN, 404, 404, 403, 404, 403, 404, 403, 403)),
    ("disbursement-move", "/disbursements/1/move", (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("disbursement-out", "/disbursements/1/out", (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("disbursement-export", "/disbursements/1/export", (LOGIN, 403, 403, 403, 404, 403, 404, 403, 403)),
    ("disbursement-return", "/disbursements/1/return", (LOGIN, 405, 405, 403, 405, 403, 405, 403, 403)),
    ("money", "/money", (LOGIN, 200, 200, 403, 200, 403, 200, 403, 200)),
    ("money-statement", "/money/1", (LOGIN, 404, 404, 403, 404, 403, 404, 403, 404)),
    ("money-check", "/money/check", (LOGIN, 200, 200, 403, 200, 403, 200, 403, 403)),
    ("money-export", "/money/export", (LOGIN, 403, 403, 403, 200, 403, 200, 403, 403)),
    ("money-draft", "/money/draft", (LOGIN, 403, 403, 403, 405, 403, 405, 403, 403)),
    ("money-approve", "/money/1/approve", (LOGIN, 403, 403, 403, 405, 403, 403, 403, 403)),
    ("money-discard", "/money/1/discard", (LOGIN, 403, 403, 403, 405, 403, 405, 403, 403)),
    ("money-receive", "/money/1/receive", (LOGIN, 403, 403, 403, 405, 403, 405, 403, 403)),
    ("money-return", "/money/return", (LOGIN, 403, 403, 403, 405, 403, 405, 403, 403)),
    ("money-plan", "/money/1/plan", (LOGIN, 403, 403, 403, 405, 403, 405, 403, 403)),
    ("money-plan-grant", "/money/1/plan/1/grant", (LOGIN, 403, 403, 403, 405, 403, 403, 403, 403)),
    ("money-plan-discard", "/money/1/plan/1/discard", (LOGIN, 403, 403, 403, 405, 403, 405, 403, 403)),
    ("money-plan-end", "/money/1/plan/1/end", (LOGIN, 403, 403, 403, 405, 403, 403, 403, 403)),
    ("notices",           "/notices",                         (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("notices-bell",      "/notices/bell",                    (204, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("notices-read",      "/notices/read",                    (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("notice-open",       "/notices/1/open",                  (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("notice-wishes",     "/notices/wishes",                  (LOGIN, 200, 200, 200, 200, 200, 200, 200, 200)),
    ("notice-wishes-set", "/notices/wishes/set",              (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("notice-address",    "/notices/address",                 (LOGIN, 405, 405, 405, 405, 405, 405, 405, 405)),
    ("notice-channels",   "/notices/channels",                (LOGIN, 403, 403, 403, 403, 200, 403, 403, 403)),
    ("notice-channel-set", "/notices/channels/set",           (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("notice-endpoint-add", "/notices/endpoints/add",         (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("notice-endpoint",   "/notices/endpoints/1",             (LOGIN, 403, 403, 403, 403, 404, 403, 403, 403)),
    ("notice-endpoint-act", "/notices/endpoints/1/act",       (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("notice-channel-try", "/notices/channels/try",           (LOGIN, 403, 403, 403, 403, 405, 403, 403, 403)),
    ("trail",             "/trail",                           (LOGIN, 403, 403, 403, 200, 200, 403, 403, 403)),
    ("trail-state",       "/trail/state",                     (LOGIN, 403, 403, 403, 200, 200, 403, 403, 403)),
    ("trail-entry",       "/trail/999999",                    (LOGIN, 403, 403, 403, 404, 404, 403, 403, 403)),
    ("trail-export",      "/trail/export",                    (LOGIN, 403, 403, 403, 200, 200, 403, 403, 403)),
    ("trail-verify",      "/trail/verify",                    (LOGIN, 403, 403, 403, 405, 405, 403, 403, 403)),
]  # fmt: skip
ROLES = (None, "supervisor", "reviewer", "knowledge", "leader", "admin", "finance", "expert", "provider")


@pytest.mark.parametrize(("view", "address", "statuses"), TABLE, ids=[row[0] for row in TABLE])
def test_every_address_by_every_role(
    audits: Audits, visit_as: Callable[[str | None], Client], view: str, address: str, statuses: tuple[int, ...]
) -> None:
    from django.urls import resolve

    audits.record([flag("L1")])
    assert resolve(address).view_name == view
    answers = [visit_as(role).get(address) for role in ROLES]
    for answer in answers:
        answer.close()
    assert tuple(answer.status_code for answer in answers) == statuses


def test_no_address_is_missing_from_the_table(django_desk: Home) -> None:
    from django.urls import get_resolver

    from mingcha.desk.shell.permissions import PERMISSIONS

    named = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert named == {row[0] for row in TABLE} == set(PERMISSIONS)


def test_what_lies_in_another_area_does_not_exist(audits: Audits, visit_as: Callable[[str | None], Client]) -> None:
    audits.record([flag("L1")])
    for name, status in (("county", 200), ("city", 200), ("elsewhere", 404)):
        client = visit_as(name)
        assert [client.get(at).status_code for at in (f"/findings/{HERE}", "/providers/H1")] == [status, status]
    seen = [f"/findings/{HERE}".encode() in visit_as(name).get("/findings").content for name in ("county", "elsewhere")]
    assert seen == [True, False]
    assert visit_as("county").get("/audits/1/report").status_code == 404  # it counts what others own


def test_a_finding_is_seen_from_the_fund_and_from_the_place_of_care(
    audits: Audits, visit_as: Callable[[str | None], Client]
) -> None:
    audits.record([flag("L1", care_area=OTHER_AREA)])
    assert [visit_as(name).get(f"/findings/{HERE}").status_code for name in ("county", "elsewhere")] == [200, 200]


def test_the_export_holds_the_scope_only_and_stands_in_the_trail(
    audits: Audits, visit_as: Callable[[str | None], Client], job: psycopg.Connection
) -> None:
    audits.record([flag("L1"), flag("L2", fund_area=OTHER_AREA, care_area=OTHER_AREA)])
    answer = visit_as("county").get("/findings/export?q=nothing")
    assert _lines(answer) == ["费用明细"]
    assert _lines(visit_as("county").get("/findings/export")) == ["费用明细", "L1"]
    noted = job.execute("SELECT by, detail->>'rows' FROM trail WHERE action = 'findings.export' ORDER BY id").fetchall()
    assert noted == [("county", "0"), ("county", "1")]


def _lines(answer: Any) -> list[str]:
    """The column of fee lines in an exported workbook."""
    sheet = CalamineWorkbook.from_filelike(BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
    answer.close()
    return [row[10] for row in sheet.to_python()]


def test_the_desk_is_neither_owner_nor_superuser(django_desk: Home) -> None:
    with connect(django_desk, "app") as app:
        found = app.execute(
            "SELECT current_user, rolsuper, rolbypassrls, rolcreaterole,"
            " (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r WHERE rolname = current_user"
        ).fetchone()
    assert found == ("mingcha_app", False, False, False, 0)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("mingcha_app",)


def test_every_table_with_an_area_is_guarded(desk_home: Home) -> None:
    with connect(desk_home, "owner") as owner:
        guarded = owner.execute(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, count(p.oid) FROM pg_class c"
            " LEFT JOIN pg_policy p ON p.polrelid = c.oid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND EXISTS (SELECT FROM pg_attribute a"
            "  WHERE a.attrelid = c.oid AND a.attname IN ('fund_area', 'care_area', 'area'))"
            " GROUP BY 1, 2"
        ).fetchall()
    assert len(guarded) >= 6
    assert [name for name, forced, policies in guarded if not forced or not policies] == []


def test_without_a_scope_nothing_is_seen(audits: Audits, home: Home) -> None:
    audits.record([flag("L1")])
    with connect(home, "app") as app:
        for table in ("finding", "finding_line", "observation", "audit_count"):
            assert app.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
        app.execute("SELECT set_config('mingcha.scope', %s, true)", [AREA])
        assert app.execute("SELECT count(*) FROM finding").fetchone() == (1,)


# Addresses with an id: asked for from the area they lie in, and from another one. The second never learns they exist.
BY_AREA = {
    "finding": "get", "finding-visits": "get", "finding-ties": "get", "provider": "get", "finding-unmask": "post",
    "finding-move": "post", "connection": "get", "finding-papers": "post", "finding-ask": "post",
    "connection-acceptance": "get", "connection-virtual": "get", "connection-change": "post",
    "connection-secrecy": "post", "connection-move": "post", "key-hand-out": "post", "key-revoke": "post",
    "problem-open": "post", "problem-close": "post", "account": "get", "account-change": "post", "account-act": "post",
    "area": "get", "area-change": "post", "area-close": "post", "access-decide": "post",
}  # fmt: skip
NOT_BY_AREA = {
    "rule": "the library is everybody's", "rule-rows": "the library is everybody's",
    "rule-rows-csv": "the library is everybody's", "rule-change": "a rule of the library",
    "change": "drafts are of the whole platform (test_library)", "change-trial": "as change", "change-edit": "as change",
    "change-move": "as change", "audit-report": "for who sees everything; tried above",
    "strength-withdraw": "tried in test_onboarding, where strengths are set",
    "code-unsay": "tried in test_dictionary, where codes are told of",
    "snooze-end": "tried in test_snoozing, where snoozes are set",
    "reminder-call": "tried in test_messages, where calls are made", "reminder-call-unmask": "as reminder-call",
    "reminder": "tried in test_reminders, where reminders are made", "reminder-judge": "as reminder",
    "portal-finding": "of the provider, not of an area (test_portal)", "paper": "tried in test_portal, where papers are put",
    "portal-split": "as portal-finding",
    "selfcheck-run": "of the provider, not of an area (test_selfcheck)", "selfcheck-state": "as selfcheck-run",
    "selfcheck-refused": "as selfcheck-run", "selfcheck-delete": "as selfcheck-run",
    "opinion": "of the expert who was asked, not of an area (test_portal)",
    "money-statement": "tried in test_money, where statements are drafted", "money-approve": "as money-statement",
    "money-discard": "as money-statement", "money-receive": "as money-statement",
    "benefit": "tried in test_benefits, where claims are entered", "benefit-move": "as benefit",
    "benefit-amend": "as benefit", "benefit-papers": "as benefit", "benefit-paper": "as benefit",
    "money-plan": "tried in test_instalments, where plans are drafted", "money-plan-grant": "as money-plan",
    "money-plan-discard": "as money-plan", "money-plan-end": "as money-plan",
    "disbursement": "tried in test_disbursements, where batches are made", "disbursement-move": "as disbursement",
    "disbursement-out": "as disbursement", "disbursement-export": "as disbursement",
    "disbursement-return": "as disbursement",
    "document": "tried in test_documents, where they are drafted", "document-picture": "as document",
    "document-pdf": "as document", "document-docx": "as document", "document-edit": "as document",
    "document-move": "as document", "document-sign": "as document", "document-deliver": "as document",
    "documents-template-file": "a kind of document; areas are tried in test_document_templates",
    "portal-document-open": "of the provider, not of an area (test_documents)", "portal-document-pdf": "as portal-document-open",
    "sampling-plan": "tried in test_sampling, where samples are drawn", "sampling-give": "as sampling-plan",
    "sampling-again": "as sampling-plan", "sampling-export": "as sampling-plan", "sampling-case": "as sampling-plan",
    "notice-endpoint": "tried in test_notices_webhook, where endpoints are made", "notice-endpoint-act": "as notice-endpoint",
    "notice-open": "of the person, not of an area (test_notices)",
    "trail-entry": "tried in test_trail_pages, by whose act it was",
    "findings-drop-view": "of the person, not of an area (test_assigning)",
    "job-cancel": "of the person, not of an area (test_jobs)", "job-file": "as job-cancel",
    "findings-counted": "as job-cancel",
    "delegation-end": "of the person, not of an area (test_standing)", "recusal-end": "as delegation-end",
}  # fmt: skip


def test_every_address_with_an_id_is_tried_from_two_areas_or_says_why_not(django_desk: Home) -> None:
    import re

    from django.urls import get_resolver

    named = {
        str(name) for name, found in get_resolver().reverse_dict.lists() if isinstance(name, str)
        and any(re.search(r"%\(", pattern) for ways in found for pattern, _ in ways[0])
    }  # fmt: skip
    assert named == set(BY_AREA) | set(NOT_BY_AREA)
    assert not set(BY_AREA) & set(NOT_BY_AREA)


POSTED = {
    "connection-move": {"move": "test"}, "account-act": {"act": "unlock", "reason": "x"},
    "access-decide": {"decision": "decline", "answer": "x"},
    "area-change": {"name": "x", "since": "2990-01-01", "reason": "x"}, "area-close": {"until": "2990-01-01"},
}  # fmt: skip
"""What a form must hold to be told from one that can't exist."""


@pytest.fixture
def things(audits: Audits, people: Callable[..., Any], home: Home) -> dict[str, str]:
    """One thing of each sort in AREA, by the view that shows it; and people of AREA and of OTHER_AREA."""
    from mingcha.desk.onboarding import keys

    audits.record([flag("L1")])
    for place, area in (("here", AREA), ("there", OTHER_AREA)):
        for role in ("supervisor", "admin"):
            people(f"{role}-{place}", role, area)
    people("lijing")
    with connect(home, "owner") as owner:
        owner.execute("SELECT set_config('mingcha.scope', '*', true)")
        owner.execute(
            "INSERT INTO onboarding (provider, area, name, registered_by, system, contact, phone, status, client,"
            " public_key, encrypted) VALUES ('H1', %s, 'x', 'x', '', '', '', 'adapting', '', '', false)", [AREA]
        )  # fmt: skip
        owner.execute(
            "INSERT INTO onboarding_key (id, onboarding_id, area, environment, sealed, issued_by)"
            " VALUES ('MK1', 'H1', %s, 'test', %s, 'x')", [AREA, keys.seal(home, "MK1", "secret")]
        )  # fmt: skip
        owner.execute(
            "INSERT INTO onboarding_problem (onboarding_id, area, words, opened_by) VALUES ('H1', %s, 'x', 'x')", [AREA]
        )
        owner.execute(
            "INSERT INTO access_request (account_id, role, scope, reason, status, answer, decided_by)"
            " SELECT id, 'leader', scope, 'x', 'pending', '', '' FROM account WHERE username = 'lijing'"
        )
        (asked,) = owner.execute("SELECT max(id) FROM access_request").fetchone() or (0,)
    moved = {"/accounts/of/leader": "/accounts/of/lijing", "/accounts/requests/1": f"/accounts/requests/{asked}"}
    found = {view: address for view, address, _ in TABLE if view in BY_AREA}
    for old, new in moved.items():
        found = {view: address.replace(old, new) for view, address in found.items()}
    return found


def test_an_id_of_another_area_is_a_page_that_is_not_there(
    things: dict[str, str], visit_as: Callable[[str | None], Client]
) -> None:
    from mingcha.desk.shell.permissions import may

    browsers = {(role, place): visit_as(f"{role}-{place}") for role in ("supervisor", "admin") for place in ("here", "there")}
    seen = {}
    for place in ("there", "here"):  # who may not goes first: the forms of who may change things
        for view, address in things.items():
            client = browsers["supervisor" if may("supervisor", view) else "admin", place]
            answer = getattr(client, BY_AREA[view])(address, POSTED.get(view, {}))
            seen[view, place] = answer.status_code
            answer.close()
    assert {view: status for (view, place), status in seen.items() if place == "there" and status != 404} == {}
    assert {view: status for (view, place), status in seen.items() if place == "here" and status in (403, 404, 405, 500)} == {}
    assert set(things) == set(BY_AREA)
