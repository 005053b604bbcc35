"""Addresses of the onboarding app."""

from django.urls import path

from mingcha.desk.onboarding import views

urlpatterns = [
    path("onboarding", views.board, name="onboarding"),
    path("onboarding/register", views.register, name="onboarding-register"),
    path("onboarding/publish", views.publish, name="onboarding-publish"),
    path("onboarding/strengths", views.strengths, name="strengths"),
    path("onboarding/strengths/set", views.set_strength, name="strength-set"),
    path("onboarding/strengths/<int:number>/withdraw", views.withdraw_strength, name="strength-withdraw"),
    path("onboarding/snoozes", views.snoozes, name="snoozes"),
    path("onboarding/snoozes/set", views.set_snooze, name="snooze-set"),
    path("onboarding/snoozes/<int:number>/end", views.end_snooze, name="snooze-end"),
    path("onboarding/dictionary", views.dictionary, name="dictionary"),
    path("onboarding/dictionary/say", views.say_code, name="code-say"),
    path("onboarding/dictionary/<int:number>/unsay", views.unsay_code, name="code-unsay"),
    path("onboarding/providers/<str:code>", views.connection, name="connection"),
    path("onboarding/providers/<str:code>/acceptance", views.acceptance, name="connection-acceptance"),
    path("onboarding/providers/<str:code>/virtual.json", views.virtual, name="connection-virtual"),
    path("onboarding/providers/<str:code>/change", views.change, name="connection-change"),
    path("onboarding/providers/<str:code>/secrecy", views.agree_secrecy, name="connection-secrecy"),
    path("onboarding/providers/<str:code>/move", views.move, name="connection-move"),
    path("onboarding/providers/<str:code>/keys", views.hand_out, name="key-hand-out"),
    path("onboarding/providers/<str:code>/keys/<str:name>/revoke", views.revoke, name="key-revoke"),
    path("onboarding/providers/<str:code>/problems", views.open_problem, name="problem-open"),
    path("onboarding/providers/<str:code>/problems/<int:number>/close", views.close_problem, name="problem-close"),
]
