from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workflows', '0005_events_by_key'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='instance',
            name='instance_by_initiator',
        ),
        migrations.AlterField(
            model_name='instance',
            name='request',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='instances', to='workflows.certificaterequest'),
        ),
        migrations.AlterField(
            model_name='instancerecord',
            name='restarted_from',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='restarts', to='workflows.instance'),
        ),
        migrations.AlterField(
            model_name='pendingsignal',
            name='instance',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='pending_signals', to='workflows.instance'),
        ),
        migrations.AlterField(
            model_name='signaldecision',
            name='instance',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='workflows.instance'),
        ),
        migrations.AddIndex(
            model_name='instance',
            index=models.Index(condition=models.Q(('initiator__isnull', False)), fields=['initiator', '-id'], name='instance_by_initiator'),
        ),
        migrations.AddIndex(
            model_name='instance',
            index=models.Index(condition=models.Q(('request__isnull', False)), fields=['request'], name='instance_by_request'),
        ),
        migrations.AddIndex(
            model_name='instancerecord',
            index=models.Index(condition=models.Q(('restarted_from__isnull', False)), fields=['restarted_from'], name='record_by_origin'),
        ),
    ]
