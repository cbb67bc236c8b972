namespace Pipeline.Local.ServiceBus;

/// <summary>Kinds of calls, as far as faults tell them apart.</summary>
internal enum BrokerCall
{
    /// <summary>Something that changes nothing: to peek, to read a state, to accept a session.</summary>
    Read,

    Send,
    Receive,
    Settle,
    Renew,
}
