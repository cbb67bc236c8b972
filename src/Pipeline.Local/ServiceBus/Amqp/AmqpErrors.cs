using System.Runtime.Serialization;
using Microsoft.Azure.Amqp;
using Microsoft.Azure.Amqp.Encoding;
using Microsoft.Azure.Amqp.Framing;
using Microsoft.Extensions.Logging;

namespace Pipeline.Local.ServiceBus.Amqp;

/// <summary>Failures as clients are told of them: by the conditions that the official clients turn back into their own exceptions.</summary>
internal static class AmqpErrors
{
    public const string DeadLetter = "com.microsoft:dead-letter";
    public const string Timeout = "com.microsoft:timeout";

    private const string InternalError = "amqp:internal-error";

    private static readonly Dictionary<BrokerFailure, (string Condition, int Status)> Conditions = new()
    {
        [BrokerFailure.GeneralError] = (InternalError, 500),
        [BrokerFailure.ServiceCommunicationProblem] = (InternalError, 500),
        [BrokerFailure.MessagingEntityNotFound] = ("amqp:not-found", 404),
        [BrokerFailure.MessageLockLost] = ("com.microsoft:message-lock-lost", 410),
        [BrokerFailure.SessionLockLost] = ("com.microsoft:session-lock-lost", 410),
        [BrokerFailure.SessionCannotBeLocked] = ("com.microsoft:session-cannot-be-locked", 409),
        [BrokerFailure.MessageNotFound] = ("com.microsoft:message-not-found", 404),
        [BrokerFailure.MessageSizeExceeded] = ("amqp:link:message-size-exceeded", 403),
        [BrokerFailure.MessagingEntityDisabled] = ("com.microsoft:entity-disabled", 403),
        [BrokerFailure.MessagingEntityAlreadyExists] = ("com.microsoft:entity-already-exists", 409),
        [BrokerFailure.QuotaExceeded] = ("amqp:resource-limit-exceeded", 403),
        [BrokerFailure.ServiceBusy] = ("com.microsoft:server-busy", 503),
        [BrokerFailure.ServiceTimeout] = (Timeout, 408),
    };

    public static Error Of(Exception exception, ILogger log) => exception switch
    {
        AmqpException amqp => amqp.Error,
        BrokerException broker => Of(Conditions[broker.Reason].Condition, broker.Problem),
        UnauthorizedAccessException => Of("amqp:unauthorized-access", exception.Message),
        ArgumentOutOfRangeException => Of("com.microsoft:argument-out-of-range", exception.Message),
        ArgumentException or SerializationException or FormatException => Of("com.microsoft:argument-error", exception.Message),
        NotSupportedException => Of("amqp:not-implemented", exception.Message),
        InvalidOperationException => Of("amqp:not-allowed", exception.Message),
        _ => Unexpected(exception, log),
    };

    /// <summary>The status of a reply that tells of a failure.</summary>
    public static int StatusOf(Exception exception) => exception switch
    {
        BrokerException broker => Conditions[broker.Reason].Status,
        UnauthorizedAccessException => 401,
        ArgumentException or SerializationException or FormatException => 400,
        NotSupportedException => 501,
        InvalidOperationException => 403,
        _ => 500,
    };

    public static Error Of(string condition, string description) => new() { Condition = (AmqpSymbol)condition, Description = description };

    private static Error Unexpected(Exception exception, ILogger log)
    {
        log.LogError(exception, "A request over AMQP failed.");
        return Of(InternalError, "The broker failed; its log says how.");
    }
}
