from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0012_housekeeping'),
    ]

    operations = [
        migrations.AddField(
            model_name='certificateauthority',
            name='crl_wanted_at',
            field=models.DateTimeField(blank=True, help_text='Asked for and not yet published.', null=True),
        ),
    ]
