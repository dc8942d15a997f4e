import type { board as zh } from '../zh/board';
import type { Translation } from '../translation';

export const board: Translation<typeof zh> = {
  'board.pipeline': 'Pipeline',
  'board.stages': 'Stages',
  'board.open_sum': 'Open',
  'board.weighted': 'weighted {{sum}}',
  'board.chance': '{{rate}} likely',
  'board.open_list': 'Open "{{stage}}" as a list',
  'board.count_stalled_one': '{{count}} stalled',
  'board.count_stalled_other': '{{count}} stalled',
  'board.without_amount_other': '{{count}} without amount',
  'board.other_currencies_other': '{{count}} in other currencies left out',
  'board.stalled': '{{days}} d, usually {{usual}} d',
  'board.days_one': '{{count}} day',
  'board.days_other': '{{count}} days',
  'board.no_next': 'No next step',
  'board.no_amount': 'No amount',
  'board.late': 'Past its expected close date',
  'board.none': 'No deals in this stage',
  'board.more_other': '{{count}} more',
  'board.move_card': 'Move {{deal}}',
  'board.instructions': 'Space to lift, left and right to change the stage, Space to drop, Esc to cancel.',
  'board.lifted': '{{deal}} lifted',
  'board.over': 'Over "{{stage}}"',
  'board.dropped': 'Dropped on "{{stage}}"',
  'board.cancelled': 'Move cancelled',
};
