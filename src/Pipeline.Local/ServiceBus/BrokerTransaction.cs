namespace Pipeline.Local.ServiceBus;

/// <summary>Operations that take effect together, in one record of the journal, or not at all.</summary>
internal sealed class BrokerTransaction(Broker broker)
{
    /// <summary>Azure's limit of messages in a transaction.</summary>
    public const int MaxMessages = 100;

    /// <summary>How long a transaction may last, from its first operation.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();

    public List<(BrokerEntity Entity, StoredMessage Stored, long Number)> Sends { get; } = [];

    public List<Broker.PlannedSettlement> Settlements { get; } = [];

    public List<ScheduledMessage> Cancellations { get; } = [];

    public DateTimeOffset Started { get; } = broker.Clock.GetUtcNow();

    public Broker Broker => broker;

    /// <summary>Adds messages that were checked. Their numbers are final, but nobody else sees them before the commit.</summary>
    public IReadOnlyList<long> Send(BrokerEntity entity, StoredMessage[] messages)
    {
        lock (_gate)
        {
            Count(messages.Length);
            var numbers = broker.TakeNumbers(entity, messages.Length);
            for (var i = 0; i < messages.Length; i++)
                Sends.Add((entity, messages[i], numbers[i]));
            return numbers;
        }
    }

    public void Settle(in Broker.PlannedSettlement settlement)
    {
        lock (_gate)
        {
            var message = settlement.Message;
            if (Settlements.Exists(s => ReferenceEquals(s.Message, message)))
                throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture,
                    $"The message {message.SequenceNumber} is settled by this transaction already."));
            Count(1);
            Settlements.Add(settlement);
        }
    }

    public void Cancel(IReadOnlyCollection<ScheduledMessage> scheduled)
    {
        lock (_gate)
        {
            Count(scheduled.Count);
            Cancellations.AddRange(scheduled);
        }
    }

    private void Count(int more)
    {
        if (Sends.Count + Settlements.Count + Cancellations.Count + more > MaxMessages)
            throw new InvalidOperationException($"A transaction has at most {MaxMessages} messages.");
    }
}
