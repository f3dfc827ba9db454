# Registers the nightly backfill with Task Scheduler. Run once as an administrator; change account, paths and store.
# https://learn.microsoft.com/powershell/module/scheduledtasks/register-scheduledtask
$ErrorActionPreference = 'Stop'
$folder = 'C:\acm'
# A group-managed service account: Windows keeps and changes its password.
$account = 'PLANT\svc_acm$'

# cmd keeps the log, which Task Scheduler would discard, and hands on the exit code.
$command = "`"$folder\.venv\Scripts\acm-etl.exe`" --config `"$folder\acm.toml`" --log-json backfill --all --workers 2"
$action = New-ScheduledTaskAction -Execute 'cmd.exe' -Argument "/d /s /c `"$command 2>> `"$folder\acm-etl.log`"`"" `
    -WorkingDirectory $folder
$trigger = New-ScheduledTaskTrigger -Daily -At '02:15'
$principal = New-ScheduledTaskPrincipal -UserId $account -LogonType Password -RunLevel Limited
# A run that was missed while the computer was off is made up for. A second instance would only wait for the first.
$settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -MultipleInstances IgnoreNew `
    -ExecutionTimeLimit (New-TimeSpan -Hours 12) -RestartCount 3 -RestartInterval (New-TimeSpan -Minutes 15)
Register-ScheduledTask -TaskName 'acm_etl nightly' -Action $action -Trigger $trigger -Principal $principal `
    -Settings $settings -Description 'Machine health from sensor history (acm_etl)' -Force
