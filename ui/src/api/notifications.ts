import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from './client';
import type { NotificationPage } from './types';

export function useNotifications(unread: boolean) {
  return useQuery({
    queryKey: ['notifications', { unread }],
    queryFn: () => api.get<NotificationPage>('/notifications', { unread: unread || undefined }),
    placeholderData: (previous) => previous,
  });
}

/** Marks some or all notifications as read. */
export function useMarkRead() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (which: string[] | 'all') =>
      api.post('/notifications/read', which === 'all' ? { all: true } : { ids: which }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['notifications'] }),
  });
}
