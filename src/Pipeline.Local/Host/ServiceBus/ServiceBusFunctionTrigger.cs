using Microsoft.Extensions.Configuration;
using Pipeline.Local.Testing;

namespace Pipeline.Local.Hosting;

/// <summary>Runs a function for the messages of a queue, a subscription, or the dead-letter queue of one.</summary>
internal sealed class ServiceBusFunctionTrigger : FunctionTrigger
{
    public const string DeadLetterSuffix = "/$DeadLetterQueue";

    public ServiceBusFunctionTrigger(RawBinding binding, IConfiguration configuration, ServiceBusSettings settings)
    {
        Settings = settings;
        IsBatched = binding.IsBatched;
        AutoComplete = binding.Flag("autoCompleteMessages") ?? settings.AutoCompleteMessages;
        HasSessions = binding.Flag("isSessionsEnabled") ?? false;
        ConnectionString = TriggerKinds.ConnectionString(configuration, binding.Text("connection"), "AzureWebJobsServiceBus");
        var last = Hosting.Settings.Resolve(configuration, binding.QueueOrSubscription) ?? "";
        var suffix = "";
        if (last.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase))
        {
            suffix = DeadLetterSuffix;
            last = last[..^DeadLetterSuffix.Length];
            if (HasSessions)
                throw new StartupException("IsSessionsEnabled on a dead-letter queue: dead-letter queues have no sessions.");
        }

        Description = Hosting.Settings.Resolve(configuration, binding.Topic) is { } topic ? $"{topic}/{last}{suffix}" : last + suffix;
    }

    /// <summary>The queue, subscription or dead-letter queue, as the broker names it.</summary>
    public override string Description { get; }

    public ServiceBusSettings Settings { get; }

    public string ConnectionString { get; }

    public bool HasSessions { get; }

    public bool IsBatched { get; }

    /// <summary>Whether a message that the function neither settled nor failed is completed.</summary>
    public bool AutoComplete { get; }

    /// <summary>Most messages of one invocation.</summary>
    public int MaxMessages => IsBatched ? Settings.MaxMessageBatchSize : 1;

    public override ITriggerListener Listen(HostedFunction function, ListenerServices services) =>
        HasSessions
            ? new SessionListener(function, this, services)
            : new MessageListener(function, this, services);

    /// <summary>
    /// How long one receive or accept waits. Without an end where somebody watches: where a clock is moved by hand, asking again
    /// every minute would be most of what happens in a week.
    /// </summary>
    public TimeSpan Wait(HostWatch watch) => watch.Activity is null ? Settings.TryTimeout : Timeout.InfiniteTimeSpan;
}
