from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('estate', '0003_exposures'),
    ]

    operations = [
        migrations.AddField(
            model_name='exposure',
            name='customers_a_week',
            field=models.PositiveIntegerField(null=True, verbose_name='customers a week'),
        ),
    ]
