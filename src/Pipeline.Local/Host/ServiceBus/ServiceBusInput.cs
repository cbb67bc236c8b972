using System.Text.Json;
using Google.Protobuf;
using Pipeline.Local.Hosting.Rpc;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.ServiceBus.Amqp;

namespace Pipeline.Local.Hosting;

/// <summary>Messages as the worker gets them: whole ones in AMQP behind their lock tokens, or their bodies alone where the parameter is one.</summary>
internal static class ServiceBusInput
{
    private const string Version = "1.0";
    private const string Source = "AzureServiceBusReceivedMessage";
    private const string BinaryType = "application/octet-stream";
    private const int LockTokenBytes = 16;

    public static void Add(InvocationRequest request, ServiceBusInvocation invocation)
    {
        var (messages, binding) = (invocation.Messages, invocation.Function.Binding);
        InvocationEncoder.AddInput(request, invocation.Function, invocation.IsBatched ? ManyOf(binding, messages) : OneOf(binding, messages[0]));
        var metadata = request.TriggerMetadata;
        if (invocation.Receiver.Session is not null)
            metadata["SessionActions"] = new TypedData { Json = JsonSerializer.Serialize(new { SessionLockedUntil = messages[0].LockedUntil }) };
        if (!invocation.IsBatched)
            AddProperties(request, messages[0]);
        else if (messages[0].SessionId is not null)
            metadata["SessionIdArray"] = Texts(messages.Select(m => m.SessionId ?? ""));
    }

    private static TypedData OneOf(RawBinding binding, BrokerDelivery message) =>
        binding.IsDeferred ? new TypedData { ModelBindingData = Whole(message) }
        : binding.IsBinary ? new TypedData { Bytes = Bytes(message) }
        : new TypedData { String = message.Body.ToString() };

    private static TypedData ManyOf(RawBinding binding, IReadOnlyList<BrokerDelivery> messages)
    {
        if (binding.IsDeferred)
        {
            var whole = new CollectionModelBindingData();
            whole.ModelBindingData.AddRange(messages.Select(Whole));
            return new TypedData { CollectionModelBindingData = whole };
        }

        if (!binding.IsBinary)
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

    private static ByteString Bytes(BrokerDelivery message) => UnsafeByteOperations.UnsafeWrap(message.Body.ToMemory());

    private static ModelBindingData Whole(BrokerDelivery message)
    {
        using var amqp = AmqpMessageEncoder.ToHanded(message);
        using var stream = amqp.ToStream();
        var content = new byte[LockTokenBytes + stream.Length];
        message.LockToken.TryWriteBytes(content);
        stream.ReadExactly(content, LockTokenBytes, content.Length - LockTokenBytes);
        return new ModelBindingData { Version = Version, Source = Source, ContentType = BinaryType, Content = UnsafeByteOperations.UnsafeWrap(content) };
    }

    /// <summary>What parameters of these names are bound to.</summary>
    private static void AddProperties(InvocationRequest request, BrokerDelivery message)
    {
        var metadata = request.TriggerMetadata;
        AddJson("DeliveryCount", message.DeliveryCount);
        AddJson("SequenceNumber", message.SequenceNumber);
        AddJson("EnqueuedTimeUtc", message.EnqueuedTime.UtcDateTime);
        AddText("MessageId", message.MessageId);
        AddText("SessionId", message.SessionId);
        AddText("LockToken", message.LockToken.ToString());
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
