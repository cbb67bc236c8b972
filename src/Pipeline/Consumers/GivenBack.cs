namespace Pipeline.Consumers;

/// <summary>
/// How many deliveries of a message ended for a reason that was not its own. The broker counts those too, so this is noted
/// on the message whenever it is given back, as <c>COUNT/DELIVERY</c>: the count, and the delivery at whose end it was noted.
/// </summary>
/// <remarks>
/// Anybody who may send could write such a note. It counts only for a delivery after the one that it names, and for no more than
/// that many. So a forged note says little: it excuses nothing at all until the message has really been delivered that often, which
/// our own limit does not allow above itself; the most that it wins is the limit once more, and one delivery.
/// </remarks>
/// <param name="Count">Deliveries that do not count against the message.</param>
/// <param name="Delivery">The number of the delivery that was given back last.</param>
internal readonly record struct GivenBack(int Count, int Delivery)
{
    /// <summary>Reads a note; one that cannot be ours says nothing.</summary>
    /// <param name="text">The property of the message, if it has one.</param>
    /// <param name="before">The note is of a delivery before this one.</param>
    public static GivenBack Read(string? text, int before)
    {
        if (text?.Split('/') is not [var count, var delivery]
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var counted)
            || !int.TryParse(delivery, NumberStyles.None, CultureInfo.InvariantCulture, out var at))
            return default;
        return counted >= 1 && counted <= at && at < before ? new GivenBack(counted, at) : default;
    }

    /// <summary>
    /// Deliveries that do not count, at a later delivery. One that ended without a word right after a give-back is excused as
    /// well: in an outage that outlasts the renewal of locks every other one ends so, and nothing but an outage makes give-backs.
    /// </summary>
    public int ExcusedAt(int delivery) => Count == 0 ? 0 : Count + (delivery - 1 > Delivery ? 1 : 0);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Count}/{Delivery}");
}
