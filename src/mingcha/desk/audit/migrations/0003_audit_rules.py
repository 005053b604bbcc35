# ruff: noqa: RUF012  (Django wants plain lists here)

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_practitioner_name'),
    ]

    operations = [
        migrations.AddField(
            model_name='audit',
            name='rules',
            field=models.JSONField(null=True),
        ),
    ]
