using System.Text.Json;

namespace Pipeline.Local.Testing;

/// <summary>An event that was given up.</summary>
/// <param name="Subscription">The subscription's name in upper case, as in the blob's name.</param>
/// <param name="Id">The event's id.</param>
/// <param name="Reason">Why, in Azure's words: <c>MaxDeliveryAttemptsExceeded</c>, <c>TimeToLiveExceeded</c> and so on.</param>
/// <param name="Attempts">How often delivery was tried.</param>
/// <param name="LastOutcome">How the last attempt ended, in Azure's words.</param>
/// <param name="Content">The dead letter as it would be in its blob.</param>
public sealed record EventGridDeadLetter(string Subscription, string Id, string Reason, int Attempts, string LastOutcome, JsonElement Content);
