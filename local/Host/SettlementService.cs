using System.Runtime.Serialization;
using Azure.Messaging.ServiceBus;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.ServiceBus.Grpc;
using Pipeline.Local.ServiceBus;
using Pipeline.Local.Worker;

namespace Pipeline.Local.Hosting;

/// <summary>
/// Settles messages for functions in other processes. A token or session that no running invocation has is refused with
/// <c>FailedPrecondition</c>, what the broker refuses with <c>Unknown</c>, as Azure's host does.
/// </summary>
internal sealed class SettlementService(Settlements settlements) : Microsoft.Azure.ServiceBus.Grpc.Settlement.SettlementBase
{
    private static readonly Empty _done = new();

    public override Task<Empty> Complete(CompleteRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (actions, message) => actions.CompleteMessageAsync(message, CancellationToken.None));

    public override Task<Empty> Abandon(AbandonRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (actions, message) =>
            actions.AbandonMessageAsync(message, AmqpMap.Decode(request.PropertiesToModify), CancellationToken.None));

    public override Task<Empty> Deadletter(DeadletterRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (actions, message) => actions.DeadLetterMessageAsync(
            message, AmqpMap.Decode(request.PropertiesToModify), request.DeadletterReason, request.DeadletterErrorDescription, CancellationToken.None));

    public override Task<Empty> Defer(DeferRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (actions, message) =>
            actions.DeferMessageAsync(message, AmqpMap.Decode(request.PropertiesToModify), CancellationToken.None));

    public override Task<Empty> RenewMessageLock(RenewMessageLockRequest request, ServerCallContext context) =>
        SettleAsync(request.Locktoken, (actions, message) => actions.RenewMessageLockAsync(message, CancellationToken.None));

    public override Task<GetSessionStateResponse> GetSessionState(GetSessionStateRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session => Task.FromResult(new GetSessionStateResponse
        {
            SessionState = session.Receiver.GetSessionState() is { } state ? ByteString.CopyFrom(state.ToMemory().Span) : ByteString.Empty,
        }));

    public override Task<Empty> SetSessionState(SetSessionStateRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session =>
        {
            session.Receiver.SetSessionState(BinaryData.FromBytes(request.SessionState.Memory));
            return Task.FromResult(_done);
        });

    public override Task<Empty> ReleaseSession(ReleaseSessionRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, session =>
        {
            session.Release();
            return Task.FromResult(_done);
        });

    public override Task<RenewSessionLockResponse> RenewSessionLock(RenewSessionLockRequest request, ServerCallContext context) =>
        InSessionAsync(request.SessionId, async session =>
            new RenewSessionLockResponse { LockedUntil = (await session.Receiver.RenewSessionLockAsync()).ToTimestamp() });

    private async Task<Empty> SettleAsync(string lockToken, Func<ServiceBusMessageActions, ServiceBusReceivedMessage, Task> settle)
    {
        if (settlements.Find(lockToken) is not var (message, actions))
            throw new Grpc.Core.RpcException(new Status(StatusCode.FailedPrecondition, $"LockToken {lockToken} not found."));
        return await RefusedByBrokerAsync(async () =>
        {
            await settle(actions, message);
            return _done;
        });
    }

    private Task<T> InSessionAsync<T>(string sessionId, Func<HostSession, Task<T>> run)
    {
        HostSession session;
        try
        {
            session = settlements.Sessions.Get(sessionId);
        }
        catch (SettlementException)
        {
            throw new Grpc.Core.RpcException(new Status(StatusCode.FailedPrecondition, $"SessionId {sessionId} not found."));
        }

        return RefusedByBrokerAsync(() => run(session));
    }

    private static async Task<T> RefusedByBrokerAsync<T>(Func<Task<T>> run)
    {
        try
        {
            return await run();
        }
        catch (Exception refused) when (refused is SettlementException or BrokerException or SerializationException or InvalidOperationException or ArgumentException)
        {
            throw new Grpc.Core.RpcException(new Status(StatusCode.Unknown, refused.Message));
        }
    }
}
