namespace Pipeline.Local.ServiceBus;

/// <summary>What a message's body is in AMQP. On disk, too: add to them, never change one.</summary>
internal enum BodyKind : byte
{
    /// <summary>Bytes.</summary>
    Data = 0,

    /// <summary>One value; the body is its encoded section.</summary>
    Value = 1,

    /// <summary>Lists of values; the body is their encoded sections, one after the other.</summary>
    Sequence = 2,
}
