"""Forms of the accounts app."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class LoginForm(AuthenticationForm):
    """Name and password; one sentence for all that can be wrong, so that it doesn't tell which accounts exist."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = dict.fromkeys(("invalid_login", "inactive"), _WRONG)


_WRONG = "用户名或密码不对，请重新输入。连续输错 5 次将暂停 15 分钟。"


class PasswordForm(PasswordChangeForm):
    """The old password and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in _LABELS.items():
            self.fields[name].label = label


_LABELS = {"old_password": "现在的密码", "new_password1": "新密码", "new_password2": "再输一次新密码"}
