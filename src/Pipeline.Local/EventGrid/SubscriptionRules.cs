namespace Pipeline.Local.EventGrid;

/// <summary>What Azure refuses when an event subscription is created.</summary>
internal static class SubscriptionRules
{
    public const int MaxDeliveryAttempts = 30;

    /// <exception cref="InvalidDataException">The name is no name of an event subscription.</exception>
    public static void CheckName(string name)
    {
        if (name.Length is < 3 or > 64 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new InvalidDataException($"'{name}' is no name of an event subscription: 3 to 64 letters, digits and hyphens.");
    }

    /// <exception cref="InvalidDataException">A value is out of its range.</exception>
    public static void Check(string name, SubscriptionSettings settings)
    {
        if (settings.Types is { Count: 0 })
            throw new InvalidDataException($"'{name}': 'types' is empty, so that no event would match. Leave it out to take all.");
        if (settings.MaxDeliveryAttempts is < 1 or > MaxDeliveryAttempts)
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                $"'{name}': maxDeliveryAttempts {settings.MaxDeliveryAttempts} is not between 1 and {MaxDeliveryAttempts}."));
        if (settings.EventTimeToLive < TimeSpan.FromMinutes(1) || settings.EventTimeToLive > TimeSpan.FromDays(1))
            throw new InvalidDataException($"'{name}': eventTimeToLive {settings.EventTimeToLive} is not between 1 minute and 1 day.");
        _ = EventFilter.Create(name, settings);
    }

    /// <exception cref="InvalidDataException">It is no address that events can be posted to.</exception>
    public static Uri CheckEndpoint(string name, string endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.UserInfo.Length == 0
            ? uri
            : throw new InvalidDataException($"'{name}': the endpoint '{endpoint}' is no http:// or https:// address without user information.");
}
