using Microsoft.Azure.Amqp.Framing;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>What the address of a link names.</summary>
/// <param name="Entity">The entity, as the broker names it.</param>
/// <param name="IsManagement">Whether it is the entity's management that is asked.</param>
/// <param name="IsCbs">Whether it is where tokens are shown.</param>
internal readonly record struct EntityAddress(string Entity, bool IsManagement, bool IsCbs)
{
    private const string ManagementSuffix = "/$management";

    /// <summary>The queue or topic of a path: what a transaction is limited to.</summary>
    public static string TopLevel(string path) => path.IndexOf('/', StringComparison.Ordinal) is > 0 and var end ? path[..end] : path;

    /// <exception cref="ArgumentException">There is no address.</exception>
    public static EntityAddress Of(Address? address)
    {
        var text = address?.ToString();
        if (string.IsNullOrEmpty(text))
            throw new ArgumentException("The link has no address: name a queue, a topic or topic/Subscriptions/subscription.");

        // .NET sends "/queue", JavaScript "queue"; other clients may send "amqp://host/queue".
        if (text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(text, UriKind.Absolute, out var uri))
            text = uri.AbsolutePath;
        var path = Uri.UnescapeDataString(text.TrimStart('/'));
        if (path.Equals(AmqpServer.Cbs, StringComparison.OrdinalIgnoreCase))
            return new EntityAddress(path, IsManagement: false, IsCbs: true);
        return path.EndsWith(ManagementSuffix, StringComparison.OrdinalIgnoreCase)
            ? new EntityAddress(path[..^ManagementSuffix.Length], IsManagement: true, IsCbs: false)
            : new EntityAddress(path, IsManagement: false, IsCbs: false);
    }
}
