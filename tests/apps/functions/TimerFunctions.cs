using Microsoft.Azure.Functions.Worker;

namespace Pipeline.TestFunctions;

public sealed class TimerFunctions(Probe probe)
{
    [Function("TimerEveryMinute")]
    public Task EveryMinute([TimerTrigger("0 */1 * * * *")] TimerInfo timer)
    {
        var last = timer.ScheduleStatus!.Last;
        return probe.SeeAsync($"last {(last == default ? "0" : last.TimeOfDay.ToString())} next {timer.ScheduleStatus.Next.TimeOfDay}");
    }

    [Function("TimerOnStartup")]
    public Task OnStartup([TimerTrigger("0 0 0 1 1 *", RunOnStartup = true)] TimerInfo timer) => probe.SeeAsync("ran");

    [Function("TimerSetting")]
    public Task Setting([TimerTrigger("%Schedule%")] TimerInfo timer) => probe.SeeAsync("ran");

    [Function("TimerRetry"), ExponentialBackoffRetry(2, "00:00:01", "00:00:03")]
    public Task Retry([TimerTrigger("0 0 * * * *")] TimerInfo timer, FunctionContext context)
    {
        var retry = context.RetryContext;
        return probe.SeeAsync(retry is null ? "first of -" : Invariant($"retry {retry.RetryCount} of {retry.MaxRetryCount}"));
    }
}
