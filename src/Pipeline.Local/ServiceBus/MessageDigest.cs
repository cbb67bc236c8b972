namespace Pipeline.Local.ServiceBus;

/// <summary>128 bits that stand for a message id. Two longs: a UInt128 would be padded to half as much again in a dictionary.</summary>
internal readonly record struct MessageDigest(long High, long Low)
{
    /// <summary>Any part of a digest is as good as a hash.</summary>
    public override int GetHashCode() => (int)Low;
}
