using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Google.Protobuf;
using Pipeline.Local.Hosting.Rpc;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Hosting;

/// <summary>Messages as the worker gets them: whole ones in AMQP behind their lock tokens, or their bodies alone where the parameter is one.</summary>
internal static class ServiceBusInput
{
    private const string Version = "1.0";
    private const string Source = "AzureServiceBusReceivedMessage";
    private const string BinaryType = "application/octet-stream";

    public static void Add(InvocationRequest request, RawBinding trigger, ServiceBusInvocation invocation)
    {
        var messages = MessagesOf(invocation);
        InvocationEncoder.AddInput(request, trigger, invocation.Input is ServiceBusReceivedMessage ? OneOf(trigger, messages[0]) : ManyOf(trigger, messages));
        var metadata = request.TriggerMetadata;
        if (invocation.SessionActions is { } session)
        {
            metadata["SessionActions"] = new TypedData
            {
                Json = JsonSerializer.Serialize(new { session.SessionLockedUntil }),
            };
        }

        if (invocation.Input is ServiceBusReceivedMessage message)
            AddProperties(request, message);
        else if (messages[0].SessionId is not null)
            metadata["SessionIdArray"] = Texts(messages.Select(m => m.SessionId ?? ""));
    }

    public static IReadOnlyList<ServiceBusReceivedMessage> MessagesOf(ServiceBusInvocation invocation) =>
        invocation.Input as ServiceBusReceivedMessage[] ?? [(ServiceBusReceivedMessage)invocation.Input!];

    private static TypedData OneOf(RawBinding trigger, ServiceBusReceivedMessage message) =>
        trigger.IsDeferred ? new TypedData { ModelBindingData = Whole(message) }
        : trigger.IsBinary ? new TypedData { Bytes = Bytes(message) }
        : new TypedData { String = message.Body.ToString() };

    private static TypedData ManyOf(RawBinding trigger, IReadOnlyList<ServiceBusReceivedMessage> messages)
    {
        if (trigger.IsDeferred)
        {
            var whole = new CollectionModelBindingData();
            whole.ModelBindingData.AddRange(messages.Select(Whole));
            return new TypedData { CollectionModelBindingData = whole };
        }

        if (!trigger.IsBinary)
            return Texts(messages.Select(message => message.Body.ToString()));
        var bytes = new CollectionBytes();
        bytes.Bytes.AddRange(messages.Select(Bytes));
        return new TypedData { CollectionBytes = bytes };
    }

    private static TypedData Texts(IEnumerable<string> texts)
    {
        var collection = new CollectionString();
        collection.String.AddRange(texts);
        return new TypedData { CollectionString = collection };
    }

    private static ByteString Bytes(ServiceBusReceivedMessage message) => ByteString.CopyFrom(message.Body.ToMemory().Span);

    private static ModelBindingData Whole(ServiceBusReceivedMessage message)
    {
        var amqp = message.GetRawAmqpMessage().ToBytes().ToMemory();
        var content = new byte[16 + amqp.Length];
        Guid.Parse(message.LockToken).TryWriteBytes(content);
        amqp.Span.CopyTo(content.AsSpan(16));
        return new ModelBindingData { Version = Version, Source = Source, ContentType = BinaryType, Content = UnsafeByteOperations.UnsafeWrap(content) };
    }

    /// <summary>What parameters of these names are bound to.</summary>
    private static void AddProperties(InvocationRequest request, ServiceBusReceivedMessage message)
    {
        var metadata = request.TriggerMetadata;
        AddJson("DeliveryCount", message.DeliveryCount);
        AddJson("SequenceNumber", message.SequenceNumber);
        AddJson("EnqueuedTimeUtc", message.EnqueuedTime.UtcDateTime);
        AddText("MessageId", message.MessageId);
        AddText("SessionId", message.SessionId);
        AddText("LockToken", message.LockToken);
        AddText("CorrelationId", message.CorrelationId);
        AddText("ContentType", message.ContentType);
        AddText("Subject", message.Subject);
        AddText("To", message.To);
        AddText("ReplyTo", message.ReplyTo);

        // The worker reads numbers and times here as JSON only.
        void AddJson<T>(string name, T value) => metadata[name] = new TypedData { Json = JsonSerializer.Serialize(value) };

        void AddText(string name, string? value)
        {
            if (value is not null)
                metadata[name] = new TypedData { String = value };
        }
    }
}
