-- A SQL Server Agent job that starts the backfill on the Agent's host. Run it in msdb, as a member of SQLAgentOperatorRole
-- with a CmdExec proxy; change the account, the path and the operator.
USE [msdb];
GO
IF EXISTS (SELECT 1 FROM dbo.sysjobs WHERE name = N'acm_etl nightly')
    EXEC dbo.sp_delete_job @job_name = N'acm_etl nightly';
GO
EXEC dbo.sp_add_job
    @job_name = N'acm_etl nightly',
    @description = N'Machine health from sensor history; see docs/nightly.md',
    @notify_level_email = 2,
    @notify_email_operator_name = N'Reliability';
EXEC dbo.sp_add_jobstep
    @job_name = N'acm_etl nightly',
    @step_name = N'backfill',
    @subsystem = N'CmdExec',
    @command = N'C:\acm\.venv\Scripts\acm-etl.exe --config C:\acm\acm.toml --log-json backfill --all --workers 2',
    @cmdexec_success_code = 0,
    @retry_attempts = 1,
    @retry_interval = 15,
    @on_success_action = 1,
    @on_fail_action = 2,
    @output_file_name = N'C:\acm\log\backfill.log',
    @flags = 2;
EXEC dbo.sp_add_jobschedule
    @job_name = N'acm_etl nightly',
    @name = N'every night',
    @freq_type = 4,
    @freq_interval = 1,
    @active_start_time = 013000;
EXEC dbo.sp_add_jobserver @job_name = N'acm_etl nightly', @server_name = N'(local)';
GO
